import type { JobDatabase } from "@gradus/database";
import type { RunReport } from "@gradus/papers";
import { z } from "zod";
import { ExperimentError } from "../execute/child-process.ts";
import type { Execute } from "../execute/in-process.ts";
import { LatestWriter } from "../files/latest-writer.ts";
import { describeError } from "../session/run-session.ts";
import {
  failRun,
  finishRun,
  leaseRun,
  type RunLease,
  releaseRun,
  saveCheckpoint,
  saveProgress,
} from "./lease.ts";
import { cellsOf } from "./plan.ts";
import { QUEUE } from "./queue.ts";
import type { RunKey } from "./store.ts";

/** Outcome of a leased run: `lost` to another worker, `crashed` with its process. */
export type WorkEnd = "finished" | "failed" | "lost" | "crashed" | "returned";

export interface WorkObserver {
  begin?(lease: RunLease): void;
  end?(lease: RunLease, how: WorkEnd, reason?: string): void;
}

export interface WorkOptions {
  readonly execute: Execute;
  /** Runs at a time. */
  readonly concurrency: number;
  /** ONNX Runtime's threads in each run; its own choice when not given. */
  readonly threads?: number;
  /** Aborted when this process is to stop: runs under way are returned to the queue, with their checkpoints. */
  readonly signal: AbortSignal;
  /** Who this worker is, for people. */
  readonly name: string;
  readonly observer?: WorkObserver;
}

const POLL_SECONDS = 0.5;
const HEARTBEAT_REFRESH_SECONDS = 2;
/** A run whose process crashes this often without a checkpoint in between is given up. */
const MOST_CRASHES = 5;
const PROGRESS_STEP = 0.01;

const keySchema = z.object({ sweep: z.string(), cell: z.int(), seed: z.int() });

/** Another worker has taken the run on. */
class LeaseLostError extends Error {
  override name = "ClaimLostError";
}

/** Executes a leased run, saving its checkpoints in the database. Rejects with the signal's reason. */
async function executeRun(
  database: JobDatabase,
  lease: RunLease,
  { execute, threads }: Pick<WorkOptions, "execute" | "threads">,
  signal: AbortSignal,
): Promise<RunReport> {
  const lost = new AbortController();
  const assertHeld = (held: boolean) => {
    if (!held) lost.abort(new LeaseLostError("another worker has taken over this run"));
  };
  const checkpoints = new LatestWriter<NonNullable<RunLease["resume"]>>(async (checkpoint) =>
    assertHeld(await saveCheckpoint(database, lease, checkpoint)),
  );
  const progress = new LatestWriter<number>(async (fraction) =>
    assertHeld(await saveProgress(database, lease, fraction)),
  );
  const { paper, experiment, profile, set, ...plan } = lease.plan;
  const request = {
    paper,
    experiment,
    profile,
    seed: lease.seed,
    set: { ...set, ...cellsOf(plan)[lease.cell] },
    threads,
    resume: lease.resume,
  };
  let told = 0;
  try {
    const run = execute(request, AbortSignal.any([signal, lost.signal]));
    let next = await run.next();
    for (; !next.done; next = await run.next()) {
      const event = next.value;
      if (event.kind === "checkpoint") checkpoints.save(event.checkpoint);
      else if (event.kind === "progress" && Math.abs(event.fraction - told) >= PROGRESS_STEP) {
        told = event.fraction;
        progress.save(told);
      }
    }
    await checkpoints.stop();
    return next.value;
  } finally {
    await progress.stop();
    // What is cut short goes on from its last checkpoint.
    await checkpoints.finish();
  }
}

/** Works on one job. An error that this throws has the queue give the job to somebody else. */
async function workOn(
  database: JobDatabase,
  key: RunKey,
  options: WorkOptions,
  jobSignal: AbortSignal,
): Promise<void> {
  const { signal, name, observer } = options;
  signal.throwIfAborted();
  const lease = await leaseRun(database, key, name);
  if (!lease) return;
  observer?.begin?.(lease);
  if (lease.crashes > MOST_CRASHES) {
    const reason = `its process ended ${MOST_CRASHES} times without a result or a new checkpoint; it may have run out of memory`;
    if (await failRun(database, lease, reason)) observer?.end?.(lease, "failed", reason);
    return;
  }
  let report: RunReport;
  try {
    report = await executeRun(database, lease, options, AbortSignal.any([signal, jobSignal]));
  } catch (error) {
    if (signal.aborted) {
      await releaseRun(database, lease);
      observer?.end?.(lease, "returned");
      throw error;
    }
    if (jobSignal.aborted || error instanceof LeaseLostError) {
      observer?.end?.(lease, "lost");
      throw error;
    }
    const reason = describeError(error);
    if (error instanceof ExperimentError && error.kind === "Crash") {
      observer?.end?.(lease, "crashed", reason);
      throw error;
    }
    const held = await failRun(database, lease, reason);
    observer?.end?.(lease, held ? "failed" : "lost", reason);
    return;
  }
  const held = await finishRun(database, lease, report);
  observer?.end?.(lease, held ? "finished" : "lost");
}

/** Has this process work on runs until its signal is aborted and the database closed. */
export async function startWork(database: JobDatabase, options: WorkOptions): Promise<void> {
  await database.jobs.work(
    QUEUE,
    {
      localConcurrency: options.concurrency,
      pollingIntervalSeconds: POLL_SECONDS,
      heartbeatRefreshSeconds: HEARTBEAT_REFRESH_SECONDS,
      burstWhenBatchFull: true,
    },
    async ([{ data, signal }]) => workOn(database, keySchema.parse(data), options, signal),
  );
}
