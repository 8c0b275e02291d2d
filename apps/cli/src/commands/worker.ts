import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type DatabaseOptions, databaseLocation, open } from "../sweep/database.ts";
import { cellsOf, runName, subject } from "../sweep/plan.ts";
import { countOpenRuns } from "../sweep/store.ts";
import { startWork, type WorkObserver } from "../sweep/worker.ts";
import { writeLines } from "../terminal/output.ts";

export interface WorkerOptions extends DatabaseOptions {
  /** Runs at a time. */
  readonly concurrency?: number;
  readonly threads?: number;
  /** Ends when no sweep has a run left. */
  readonly untilEmpty?: boolean;
}

const LOOK_MILLISECONDS = 1000;

function tell({ out }: Host): WorkObserver {
  const name = ({ plan, cell, seed }: Parameters<NonNullable<WorkObserver["begin"]>>[0]) =>
    `${subject(plan)} ${runName(cellsOf(plan)[cell], seed)}`;
  return {
    begin: (lease) => {
      const again = lease.attempt > 1 ? `, attempt ${lease.attempt}` : "";
      const kept = lease.resume ? ", from its checkpoint" : "";
      writeLines(out, [`${name(lease)}: started${again}${kept}`]);
    },
    end: (lease, how, reason) =>
      writeLines(out, [`${name(lease)}: ${how}${reason ? ` (${reason.split("\n")[0]})` : ""}`]),
  };
}

/** `gradus worker`: runs sweep jobs from a shared database. Returns the exit status. */
export async function worker(host: Host, options: WorkerOptions): Promise<number> {
  const { isServerUrl } = await import("@gradus/database");
  const { concurrency = 1, threads, untilEmpty = false } = options;
  const location = databaseLocation(host, options);
  if (!isServerUrl(location))
    throw new UsageError(
      `worker needs a Postgres server: --database postgres://... or DATABASE_URL. ` +
        `With the embedded database, "${host.invocation} sweep" runs its jobs itself.`,
    );
  const database = await open(host, location);
  const finished = new AbortController();
  const signal = AbortSignal.any([host.signal, finished.signal]);
  try {
    await startWork(database, {
      execute: host.execute,
      concurrency,
      threads,
      signal,
      name: `${hostname()}:${process.pid}`,
      observer: tell(host),
    });
    writeLines(host.err, [
      `worker connected to ${database.description}; Ctrl-C returns its runs to the queue`,
    ]);
    while (!(untilEmpty && (await countOpenRuns(database)) === 0))
      await pause(LOOK_MILLISECONDS, undefined, { signal }).catch(() => signal.throwIfAborted());
    return exitStatus.success;
  } finally {
    finished.abort();
    await database.close();
  }
}
