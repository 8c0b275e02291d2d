// `npm test`: installs what is missing, checks types and style, then runs every test.
// `npm test -- --unit` runs the unit tests alone; other arguments go to Vitest: `npm test -- packages/graph`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "./checks.mjs";
import { closingLine, filesToTryAgain, passedLater, withSecondTry } from "./outcome.mjs";
import { syncSite } from "./site.mjs";
import { bin, ensureInstalled, root, runNode } from "./workspace.mjs";

// Most files of tests have a process of their own: what one has compiled the next one need not.
process.env.NODE_COMPILE_CACHE ??= join(root, "build", "testing", "compiled");
ensureInstalled();
const only = process.argv.slice(2).flatMap((word) => (word === "--unit" ? ["--project", "unit"] : [word]));
// The site's tests are read with the settings that SvelteKit generates; the check generates them too.
const checked = await (only.length === 0 ? check({ withBuild: true }) : syncSite());
if (checked !== 0) process.exit(checked);
process.exit(await (only.length === 0 ? runAll() : runVitest(only)));

function runVitest(words, env = {}) {
  return runNode([bin.vitest, "run", ...words], { env });
}

/**
 * Runs every test. A file of processes or pages that fails is tried again, once, after all others and from its
 * beginning: a test alone would meet what its first try left behind.
 */
async function runAll() {
  const folder = mkdtempSync(join(tmpdir(), "gradus-tests-"));
  const run = async (words, name) => {
    const file = join(folder, name);
    const status = await runVitest(words, { GRADUS_TEST_OUTCOME: file });
    return { status, outcome: existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined };
  };
  try {
    const first = await run([], "first.json");
    const files = first.status !== 0 && first.outcome ? filesToTryAgain(first.outcome) : [];
    if (files.length === 0) return first.status;
    console.log(`\ngradus: trying again what failed: ${files.join(", ")}`);
    const second = await run(["--project", "process", "--project", "site", ...files], "second.json");
    if (!second.outcome) return second.status;
    const later = passedLater(first.outcome, second.outcome);
    if (later.length > 0) console.log(["Passed only when tried again:", ...later].join("\n  "));
    console.log(`\n${closingLine(withSecondTry(first.outcome, second.outcome))}`);
    return second.status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
