import { setTimeout as pause } from "node:timers/promises";
import type { JobDatabase } from "@gradus/database";
import type { Output } from "../terminal/output.ts";
import { cellsOf, runName, subject } from "./plan.ts";
import { countRuns, runningRuns, type Sweep } from "./store.ts";
import { SweepProgress, type SweepState } from "./sweep-progress.ts";

const LOOK_MILLISECONDS = 400;
/** How long to wait for a lost server; the workers go on without this process. */
const PATIENCE_MILLISECONDS = 60_000;

async function sweepState(database: JobDatabase, { id, plan }: Sweep): Promise<SweepState> {
  const cells = cellsOf(plan);
  const [counts, running] = [await countRuns(database, id), await runningRuns(database, id)];
  return {
    counts,
    running: running.map(({ cell, seed, fraction, worker }) => ({
      name: runName(cells[cell], seed),
      fraction,
      // On one machine there is but one.
      worker: database.embedded ? null : worker,
    })),
  };
}

/** Shows how far a sweep has come until all its runs have ended. @throws the signal's reason */
export async function follow(
  database: JobDatabase,
  sweep: Sweep,
  { output, signal }: { readonly output: Output; readonly signal: AbortSignal },
): Promise<void> {
  const board = new SweepProgress(output, `sweep ${sweep.id} of ${subject(sweep.plan)}`);
  let answered = performance.now();
  try {
    for (;;) {
      try {
        const now = await sweepState(database, sweep);
        answered = performance.now();
        board.show(now);
        if (now.counts.waiting + now.counts.running === 0) return;
      } catch (error) {
        if (performance.now() - answered > PATIENCE_MILLISECONDS) throw error;
      }
      await pause(LOOK_MILLISECONDS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    board.stop();
  }
}
