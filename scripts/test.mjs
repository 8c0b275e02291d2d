// `npm test`: installs what is missing, checks types and style, then runs every test.
// Arguments go to Vitest: `npm test -- packages/graph`.
import { bin, ensureInstalled, root, runNode } from "./workspace.mjs";

ensureInstalled();
const only = process.argv.slice(2);
if (only.length === 0) {
  const status = await runNode([`${root}/scripts/check.mjs`]);
  if (status !== 0) process.exit(status);
}
process.exit(await runNode([bin.vitest, "run", ...only]));
