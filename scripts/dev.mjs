// `npm run dev`: the site with live reloading. Arguments go to Vite: `npm run dev -- --port 4000`.
import { siteEnvironment, siteFolder } from "./site.mjs";
import { bin, ensureInstalled, runNode } from "./workspace.mjs";

ensureInstalled();
process.exit(
  await runNode([bin.vite, "dev", ...process.argv.slice(2)], { cwd: siteFolder, env: siteEnvironment }),
);
