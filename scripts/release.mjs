// `npm run release -- --dry-run` builds, checks and packs what would be published; scripts/release/main.ts has the options.
import { join } from "node:path";
import { ensureInstalled, root, runNode } from "./workspace.mjs";

ensureInstalled();
process.exit(await runNode([join(root, "scripts", "release", "main.ts"), ...process.argv.slice(2)]));
