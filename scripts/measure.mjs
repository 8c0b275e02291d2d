// `npm run measure -- anyloss` measures a paper's claims for the site, `npm run measure -- anyloss/mechanism` those of an
// experiment; scripts/measure/main.ts has the options.
import { join } from "node:path";
import { ensureInstalled, root, runNode } from "./workspace.mjs";

ensureInstalled();
process.exit(await runNode([join(root, "scripts", "measure", "main.ts"), ...process.argv.slice(2)]));
