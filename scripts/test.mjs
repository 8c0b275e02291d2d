// `npm test`: installs what is missing, checks types and style, then runs every test.
// `npm test -- --unit` runs the unit tests alone; other arguments go to Vitest: `npm test -- packages/graph`.
import { join } from "node:path";
import { check } from "./checks.mjs";
import { syncSite } from "./site.mjs";
import { bin, ensureInstalled, root, runNode } from "./workspace.mjs";

// Most files of tests have a process of their own: what one has compiled the next one need not.
process.env.NODE_COMPILE_CACHE ??= join(root, "build", "testing", "compiled");
ensureInstalled();
const only = process.argv.slice(2).flatMap((word) => (word === "--unit" ? ["--project", "unit"] : [word]));
// The site's tests are read with the settings that SvelteKit generates; the check generates them too.
const status = await (only.length === 0 ? check({ withBuild: true }) : syncSite());
if (status !== 0) process.exit(status);
process.exit(await runNode([bin.vitest, "run", ...only]));
