import type { JobDatabase } from "@gradus/database";
import { z } from "zod";
import { createTables } from "./schema.ts";

/** The queue that carries the runs of all sweeps. */
export const QUEUE = "sweep-runs";

/** Jobs in one statement. */
const CHUNK = 1000;

/**
 * A worker that has not been heard from for so long has lost its run to another; pg-boss allows no less. Whoever is
 * taken for dead and is not, only works in vain: see `RunLease`.
 */
const HEARTBEAT_SECONDS = 10;
const DAY_SECONDS = 86_400;

/** No limit of these is meant to be met: `crashes` in the runs' table bounds the attempts. */
const queueOptions = {
  expireInSeconds: DAY_SECONDS,
  retryLimit: 1_000_000,
  retentionSeconds: 90 * DAY_SECONDS,
  deleteAfterSeconds: DAY_SECONDS,
} as const;

/** Opens the tables and the queue of sweeps in a database. */
export async function openSweepDatabase(
  location: string,
  onError: (error: Error) => void,
  onWait?: () => void,
): Promise<JobDatabase> {
  // Postgres in WebAssembly takes a while to load, and most commands need none.
  const { openJobDatabase } = await import("@gradus/database");
  const database = await openJobDatabase(location, onError, onWait);
  try {
    await createTables(database);
    // Where one process has the database, nobody else could take a run over while it sleeps.
    const heartbeat = database.embedded ? {} : { heartbeatSeconds: HEARTBEAT_SECONDS };
    await database.jobs.createQueue(QUEUE, { ...queueOptions, ...heartbeat });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const jobRow = z.object({ cell: z.int(), seed: z.int(), job: z.string() });

/**
 * Sees to it that every run of a sweep that has not ended has its job, and no run two: a run's job keeps its id. The
 * first seed comes first, so that each combination has a figure early.
 *
 * The embedded database has one process, so what its queue holds at the beginning belongs to processes that are gone:
 * it is filled anew, with this sweep alone.
 */
export async function enqueue({ execute, jobs, embedded }: JobDatabase, sweep: string): Promise<void> {
  if (embedded) await jobs.deleteAllJobs(QUEUE);
  const rows = await execute(
    `select cell, seed, job from sweep.runs
     where sweep = $1 and state in ('waiting', 'running') order by seed, cell`,
    [sweep],
  );
  const runs = z.array(jobRow).parse(rows);
  for (let i = 0; i < runs.length; i += CHUNK) {
    const chunk = runs.slice(i, i + CHUNK);
    await jobs.insert(
      QUEUE,
      chunk.map(({ cell, seed, job }) => ({ id: job, data: { sweep, cell, seed }, priority: -seed })),
    );
    // A job that somebody's tool for queues has failed is there, and would never be worked on.
    await jobs.retry(
      QUEUE,
      chunk.map(({ job }) => job),
    );
  }
}
