import { hostname } from "node:os";
import type { JobDatabase } from "@gradus/database";
import { quote } from "../command-line/arguments.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { json } from "../results/json.ts";
import { writeLines } from "../terminal/output.ts";
import { plural, wrap } from "../terminal/text.ts";
import { defaultConcurrency } from "./concurrency.ts";
import { type DatabaseOptions, databaseArguments } from "./database.ts";
import { type SweepExports, sweepExportArguments, writeSweepExports } from "./exports.ts";
import { follow } from "./follow.ts";
import { cellsOf, subject } from "./plan.ts";
import { enqueue } from "./queue.ts";
import { inState, readResult, resultData } from "./result.ts";
import { resultLines } from "./show.ts";
import { countRuns, retryFailed, type Sweep } from "./store.ts";
import { startWork } from "./worker.ts";

/** How a sweep's runs are executed, and what becomes of the result. */
export interface RunSweepOptions extends SweepExports, DatabaseOptions {
  /** Runs at a time in this process. */
  readonly concurrency?: number;
  /** Leaves the runs to workers. */
  readonly detach?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Shows a sweep's result, and writes the files that were asked for. */
export async function present(
  host: Host,
  database: JobDatabase,
  sweep: Sweep,
  options: SweepExports & { readonly json?: boolean },
): Promise<number> {
  const { json: asJson = false } = options;
  const result = await readResult(database, sweep);
  if (asJson) host.out.write(json(resultData(result)));
  else writeLines(host.out, resultLines(result, host.out.columns, host.out.palette));
  const written = await writeSweepExports(database, result, options);
  if (written.length > 0) writeLines(asJson ? host.err : host.out, ["", ...written]);
  return inState(result, "failed").length > 0 ? exitStatus.failure : exitStatus.success;
}

function resumeLines({ invocation }: Host, { id }: Sweep, options: RunSweepOptions): string[] {
  const { concurrency, json: asJson } = options;
  const words = [
    "sweep",
    "resume",
    id,
    ...(concurrency === undefined ? [] : ["--concurrency", String(concurrency)]),
    ...databaseArguments(options),
    ...sweepExportArguments(options),
    ...(asJson ? ["--json"] : []),
  ];
  return ["Resume with:", `  ${invocation} ${words.map(quote).join(" ")}`];
}

/** Runs the rest of a sweep, here or on workers elsewhere, and shows the result. */
async function finishRuns(
  host: Host,
  database: JobDatabase,
  sweep: Sweep,
  options: RunSweepOptions,
): Promise<number> {
  const { detach = false, threads, concurrency } = options;
  const { id, plan } = sweep;
  const here = concurrency ?? (database.embedded ? defaultConcurrency() : 0);
  if (detach && database.embedded)
    throw new UsageError(
      "--detach needs a Postgres server that workers can connect to: --database postgres://... or DATABASE_URL",
    );
  await retryFailed(database, id);
  await enqueue(database, id);
  const { finished, ...open } = await countRuns(database, id);
  const left = open.waiting + open.running;
  const width = host.err.columns;
  const runs = `${plural(cellsOf(plan).length, "combination")}, ${plural(plan.seeds, "seed")}`;
  const before =
    finished === 0 ? "" : left === 0 ? ", all already finished" : `, ${finished} already finished`;
  writeLines(
    host.err,
    wrap(`Sweep ${id}: ${plural(finished + left, "run")} of ${subject(plan)} (${runs})${before}`, width),
  );
  if (left > 0 && here === 0)
    writeLines(host.err, [
      ...wrap("Start workers on any machine with access to the database:", width),
      `  ${host.invocation} ${["worker", ...databaseArguments(options)].map(quote).join(" ")}`,
    ]);
  if (detach) {
    writeLines(host.err, [
      "Show the result with:",
      `  ${host.invocation} ${["sweep", "show", id, ...databaseArguments(options)].map(quote).join(" ")}`,
    ]);
    return exitStatus.success;
  }
  const ended = new AbortController();
  try {
    if (here > 0 && left > 0)
      await startWork(database, {
        execute: host.execute,
        concurrency: here,
        threads,
        signal: AbortSignal.any([host.signal, ended.signal]),
        name: `${hostname()}:${process.pid}`,
      });
    if (left > 0) await follow(database, sweep, { output: host.err, signal: host.signal });
  } finally {
    ended.abort();
  }
  return present(host, database, sweep, options);
}

/** Runs a sweep; when that is interrupted, says how to go on. @throws the signal's reason */
export async function runSweep(
  host: Host,
  database: JobDatabase,
  sweep: Sweep,
  options: RunSweepOptions,
): Promise<number> {
  try {
    return await finishRuns(host, database, sweep, options);
  } catch (error) {
    if (error instanceof Interrupted) {
      const effect = database.embedded
        ? "Finished runs are kept; runs in progress continue from their checkpoints."
        : "Finished runs are kept; workers continue with the rest.";
      writeLines(host.err, [
        ...wrap(`Interrupted. ${effect}`, host.err.columns),
        ...resumeLines(host, sweep, options),
      ]);
    }
    throw error;
  }
}
