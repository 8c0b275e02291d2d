import { hostname } from "node:os";
import type { JobDatabase } from "@gradus/database";
import { quote } from "../command-line/arguments.ts";
import { type ParsedOptions, parseThreads } from "../command-line/values.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { json } from "../results/report-files.ts";
import { writeLines } from "../terminal/output.ts";
import { plural, wrap } from "../terminal/text.ts";
import { defaultConcurrency, parseConcurrency } from "./concurrency.ts";
import { databaseArguments } from "./database.ts";
import { readSweepExports, sweepExportArguments, writeSweepExports } from "./exports.ts";
import { follow } from "./follow.ts";
import { cellsOf, subject } from "./plan.ts";
import { enqueue } from "./queue.ts";
import { inState, readResult, resultData } from "./result.ts";
import { resultLines } from "./show.ts";
import { countRuns, retryFailed, type Sweep } from "./store.ts";
import { startWork } from "./worker.ts";

/** Shows a sweep's result, and writes the files that were asked for. */
export async function present(
  host: Host,
  database: JobDatabase,
  sweep: Sweep,
  options: ParsedOptions,
): Promise<number> {
  const asJson = options.flags.has("json");
  const result = await readResult(database, sweep);
  if (asJson) host.out.write(json(resultData(result)));
  else writeLines(host.out, resultLines(result, host.out.columns, host.out.palette));
  const written = await writeSweepExports(database, result, readSweepExports(options));
  if (written.length > 0) writeLines(asJson ? host.err : host.out, ["", ...written]);
  return inState(result, "failed").length > 0 ? exitStatus.failure : exitStatus.fine;
}

function resumeLines({ invocation }: Host, { id }: Sweep, options: ParsedOptions): string[] {
  const concurrency = options.values.get("concurrency")?.[0];
  const words = [
    "sweep",
    "resume",
    id,
    ...(concurrency === undefined ? [] : ["--concurrency", concurrency]),
    ...databaseArguments(options),
    ...sweepExportArguments(readSweepExports(options)),
    ...(options.flags.has("json") ? ["--json"] : []),
  ];
  return ["Resume with:", `  ${invocation} ${words.map(quote).join(" ")}`];
}

/** Has the runs of a sweep that have not finished carried out, here or by workers elsewhere, and shows the result. */
async function carryOut(
  host: Host,
  database: JobDatabase,
  sweep: Sweep,
  options: ParsedOptions,
): Promise<number> {
  const { values, flags } = options;
  const { id, plan } = sweep;
  const given = values.get("concurrency")?.[0];
  const here = given === undefined ? (database.embedded ? defaultConcurrency() : 0) : parseConcurrency(given);
  const threads = values.get("threads")?.[0];
  if (flags.has("detach") && database.embedded)
    throw new UsageError(
      "--detach needs a Postgres server, where workers find the runs: --database postgres://... or DATABASE_URL",
    );
  await retryFailed(database, id);
  await enqueue(database, id);
  const { finished, ...open } = await countRuns(database, id);
  const left = open.waiting + open.running;
  const width = host.err.columns;
  const runs = `${plural(cellsOf(plan).length, "combination")}, ${plural(plan.seeds, "seed")}`;
  const before = finished === 0 ? "" : left === 0 ? ", all finished before" : `, ${finished} finished before`;
  writeLines(
    host.err,
    wrap(`Sweep ${id}: ${plural(finished + left, "run")} of ${subject(plan)} (${runs})${before}`, width),
  );
  if (left > 0 && here === 0)
    writeLines(host.err, [
      ...wrap("Workers carry the runs out, on any machine that reaches the database:", width),
      `  ${host.invocation} ${["worker", ...databaseArguments(options)].map(quote).join(" ")}`,
    ]);
  if (flags.has("detach")) {
    writeLines(host.err, [
      "To see the result:",
      `  ${host.invocation} ${["sweep", "show", id, ...databaseArguments(options)].map(quote).join(" ")}`,
    ]);
    return exitStatus.fine;
  }
  const ended = new AbortController();
  try {
    if (here > 0 && left > 0)
      await startWork(database, {
        execute: host.execute,
        concurrency: here,
        threads: threads === undefined ? undefined : parseThreads(threads),
        signal: AbortSignal.any([host.signal, ended.signal]),
        name: `${hostname()}:${process.pid}`,
      });
    if (left > 0) await follow(database, sweep, { output: host.err, signal: host.signal });
  } finally {
    ended.abort();
  }
  return present(host, database, sweep, options);
}

/** Carries a sweep out; when that is interrupted, says how to go on. @throws the signal's reason */
export async function runSweep(
  host: Host,
  database: JobDatabase,
  sweep: Sweep,
  options: ParsedOptions,
): Promise<number> {
  try {
    return await carryOut(host, database, sweep, options);
  } catch (error) {
    if (error instanceof Interrupted) {
      const effect = database.embedded
        ? "What has finished is kept; runs under way go on from their checkpoints."
        : "What has finished is kept, and workers go on with the rest; this process only waited for them or helped.";
      writeLines(host.err, [
        ...wrap(`Interrupted. ${effect}`, host.err.columns),
        ...resumeLines(host, sweep, options),
      ]);
    }
    throw error;
  }
}
