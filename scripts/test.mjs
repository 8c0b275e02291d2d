// `npm test`: installs what is missing, checks types and style, then runs every test.
// `npm test -- --unit` runs the unit tests alone; other arguments go to Vitest: `npm test -- packages/graph`.
import { check } from "./checks.mjs";
import { syncSite } from "./site.mjs";
import { bin, ensureInstalled, runNode } from "./workspace.mjs";

ensureInstalled();
const only = process.argv.slice(2).flatMap((word) => (word === "--unit" ? ["--project", "unit"] : [word]));
// The site's tests are read with the settings that SvelteKit generates; the check generates them too.
const status = await (only.length === 0 ? check({ withBuild: true }) : syncSite());
if (status !== 0) process.exit(status);
process.exit(await runNode([bin.vitest, "run", ...only]));
