// `npm start`: installs and builds what is missing, then serves the site. PORT and HOST are honored.
import { join } from "node:path";
import { ensureBuilt, ownSecret, siteEnvironment, siteFolder } from "./site.mjs";
import { ensureInstalled, runNode } from "./workspace.mjs";

ensureInstalled();
const built = await ensureBuilt();
process.exit(
  built ||
    (await runNode([join(siteFolder, "server", "main.ts")], {
      env: { NODE_ENV: process.env.NODE_ENV ?? "production", ...siteEnvironment, ...ownSecret() },
    })),
);
