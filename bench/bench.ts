/** `npm run bench`: times gradus beside its peers, prints the tables and writes RESULTS.md and results.json. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeInputs } from "./input-files.ts";
import { makeInputs } from "./inputs.ts";
import { describeMachine } from "./machine.ts";
import { measure, type Plan } from "./measure.ts";
import { openBlas } from "./openblas.ts";
import { peerCommands } from "./peers.ts";
import { report } from "./report.ts";

const SEED = 1;
const FULL: Plan = { rounds: 11, seconds: 0.15 };
const QUICK: Plan = { rounds: 3, seconds: 0.03 };

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const plan = values.quick ? QUICK : FULL;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const inputs = mkdtempSync(join(tmpdir(), "gradus-bench-"));
try {
  writeInputs(inputs, makeInputs(SEED));
  const blas = openBlas(here("peers/.cache"));
  const [loadBefore] = loadavg();
  const results = await measure(peerCommands(inputs, blas), plan, (line) => console.error(line));
  const occasion = {
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench${values.quick ? " -- --quick" : ""}`,
    machine: describeMachine(),
    load: { before: loadBefore, after: loadavg()[0] },
    plan,
  };
  const text = report(results, occasion);
  console.log(`\n${text}`);
  if (!values.quick) {
    writeFileSync(here("RESULTS.md"), text);
    const record = { ...occasion, ...results, identities: Object.fromEntries(results.identities) };
    const short = (_: string, value: unknown) =>
      typeof value === "number" ? Number(value.toPrecision(4)) : value;
    writeFileSync(here("results.json"), JSON.stringify(record, short, 2));
  }
} finally {
  rmSync(inputs, { recursive: true });
}
