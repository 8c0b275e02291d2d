// Types, lint and format. `npm run check`
import { check } from "./checks.mjs";
import { ensureInstalled } from "./workspace.mjs";

ensureInstalled();
process.exit(await check());
