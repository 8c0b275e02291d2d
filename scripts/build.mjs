// `npm run build`: installs what is missing and builds the site, so that its server can be started by itself.
import { ensureBuilt } from "./site.mjs";
import { ensureInstalled } from "./workspace.mjs";

ensureInstalled();
process.exit(await ensureBuilt());
