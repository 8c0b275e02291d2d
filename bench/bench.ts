/**
 * `npm run bench`: times gradus beside its peers, prints the tables and writes RESULTS.md and results.json.
 * `-- --cases matmul,libsvm` runs the cases whose names begin so and writes where `--update` asks for it: their times
 * replace those on record, and the tables say of which run each case is. `-- --quick` is a short run and never writes.
 * `-- --rounds 5` changes how often everyone has a turn.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DataError } from "gradus/check";
import { datasetUrl } from "gradus/data";
import { type Case, cases } from "./cases.ts";
import { imageNetworkInputs } from "./convex-network-inputs.ts";
import { curvatureCases } from "./curvature-cases.ts";
import { curvatureInputs } from "./curvature-inputs.ts";
import { writeInputs } from "./input-files.ts";
import { makeInputs } from "./inputs.ts";
import { libsvmFile } from "./libsvm-file.ts";
import { describeMachine } from "./machine.ts";
import { measure, type Plan } from "./measure.ts";
import { openBlas } from "./openblas.ts";
import { peerCommands } from "./peers.ts";
import { type Occasion, type Recorded, recordRun } from "./record.ts";
import { report } from "./report.ts";

const SEED = 1;

const { values: given } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    cases: { type: "string" },
    rounds: { type: "string" },
    update: { type: "boolean", default: false },
  },
});
if (given.update && given.quick) throw new RangeError("--update: a short run (--quick) is not put on record");

/** The cases whose names begin with one of the given ones. */
function chosenCases(names: readonly string[]): readonly Case[] {
  for (const name of names)
    if (!cases.some(({ id }) => id.startsWith(name)))
      throw new RangeError(
        `--cases: no case begins with "${name}"; there are ${cases.map(({ id }) => id).join(", ")}`,
      );
  return cases.filter(({ id }) => names.some((name) => id.startsWith(name)));
}

function planOf({ quick, cases: names = "", rounds = quick ? "3" : "11" }: typeof given): Plan {
  if (!/^[1-9][0-9]*$/.test(rounds)) throw new RangeError(`--rounds must be an integer >= 1, got ${rounds}`);
  return { cases: chosenCases(names.split(",")), rounds: Number(rounds), seconds: quick ? 0.03 : 0.15 };
}

/** Cases whose data files are not here are shown as absent. */
function absent(error: unknown) {
  if (!(error instanceof DataError)) throw error;
  console.error(`absent: ${error.message}`);
  return {};
}

const plan = planOf(given);
const complete = !given.quick && plan.cases.length === cases.length;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const recordFile = here("results.json");

function onRecord(): Recorded | undefined {
  return existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, "utf8")) : undefined;
}

const inputs = mkdtempSync(join(tmpdir(), "gradus-bench-"));
try {
  const cache = here("peers/.cache");
  const reads = plan.cases.some(({ id }) => id === "libsvm");
  const bends = plan.cases.some((one) => curvatureCases.includes(one));
  const draws = plan.cases.some(({ id }) => id === "convex-images");
  writeInputs(
    inputs,
    {
      ...makeInputs(SEED),
      ...(bends && (await curvatureInputs(SEED))),
      ...(draws && (await imageNetworkInputs(SEED).catch(absent))),
    },
    {
      mushrooms: fileURLToPath(datasetUrl("mushrooms")),
      ...(reads && { libsvm: libsvmFile(cache, SEED) }),
    },
  );
  const blas = openBlas(cache);
  const [loadBefore] = loadavg();
  const results = await measure(peerCommands(inputs, blas), plan, (line) => console.error(line));
  const occasion: Occasion = {
    date: new Date().toISOString().slice(0, 10),
    command: ["npm run bench", ...(process.argv.length > 2 ? ["--"] : []), ...process.argv.slice(2)].join(
      " ",
    ),
    machine: describeMachine(),
    load: { before: loadBefore, after: loadavg()[0] },
    plan: { rounds: plan.rounds, seconds: plan.seconds },
  };
  const order = cases.map(({ id }) => id);
  console.log(`\n${report(recordRun(undefined, results, occasion, order))}`);
  if (complete || given.update) {
    const record = recordRun(onRecord(), results, occasion, order);
    const short = (_: string, value: unknown) =>
      typeof value === "number" ? Number(value.toPrecision(4)) : value;
    const kept = JSON.stringify(record, short, 2);
    writeFileSync(recordFile, kept);
    writeFileSync(here("RESULTS.md"), report(JSON.parse(kept)));
  }
} finally {
  rmSync(inputs, { recursive: true });
}
