/**
 * `npm run bench -- --scaling`: times problems of several sizes beside Python's libraries, prints the exponents and
 * writes SCALING.md and figures/. `--rounds 3` changes how often everyone has a turn, `--cases lasso` runs the families
 * whose names begin so and writes nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeInputs } from "./input-files.ts";
import { describeMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { openBlas } from "./openblas.ts";
import { peerCommands } from "./peers.ts";
import { growths } from "./scaling/exponents.ts";
import { families } from "./scaling/families.ts";
import { scalingInputs } from "./scaling/inputs.ts";
import { figure, scalingReport } from "./scaling/report.ts";

const SEED = 1;
const SECONDS = 0.05;

const { values: given } = parseArgs({
  options: {
    scaling: { type: "boolean" },
    cases: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
  },
});
if (!/^[1-9][0-9]*$/.test(given.rounds))
  throw new RangeError(`--rounds must be an integer >= 1, got ${given.rounds}`);
const names = given.cases.split(",");
const chosen = families.filter(({ id }) => names.some((name) => id.startsWith(name)));
if (chosen.length === 0)
  throw new RangeError(
    `--cases: nothing begins with "${given.cases}"; there are ${families.map(({ id }) => id).join(", ")}`,
  );
const rounds = Number(given.rounds);

const inputs = mkdtempSync(join(tmpdir(), "gradus-scaling-"));
try {
  writeInputs(inputs, scalingInputs(SEED), {});
  const [loadBefore] = loadavg();
  const plan = {
    cases: chosen.flatMap((family) => family.cases.map((one) => one.case)),
    rounds,
    seconds: SECONDS,
  };
  const blas = openBlas(fileURLToPath(new URL("peers/.cache", import.meta.url)));
  // the first setting of each is one thread
  const commands = [...peerCommands(inputs, blas)].map(([peer, [first]]) => [peer, [first]] as const);
  const results = await measure(new Map(commands), plan, (line) => console.error(line));
  const text = scalingReport(results, {
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench -- ${process.argv.slice(2).join(" ")}`,
    machine: describeMachine(),
    load: { before: loadBefore, after: loadavg()[0] },
    plan: { rounds, seconds: SECONDS },
  });
  console.log(`\n${text}`);
  if (chosen.length === families.length) {
    const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
    mkdirSync(here("figures"), { recursive: true });
    for (const family of chosen) {
      const drawn = figure(family, growths(family, results.cases));
      if (drawn !== undefined) writeFileSync(here(`figures/${family.id}.svg`), drawn);
    }
    writeFileSync(here("SCALING.md"), text);
  }
} finally {
  rmSync(inputs, { recursive: true });
}
