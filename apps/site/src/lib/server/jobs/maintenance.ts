import { count, sql } from "drizzle-orm";
import type { Database } from "../database/connect.ts";
import { coalesceCalls } from "../database/data-version.ts";
import { rowsOf } from "../database/rows.ts";
import { papers } from "../database/schema/index.ts";
import { errorFields, log } from "../log.ts";
import { updateVoteWeights } from "../people/votes.ts";
import { type Encoder, modelReader, updateEmbedding } from "../search/embedding/store.ts";
import { indexPapers, indexTopics } from "../search/index-papers.ts";

const HOUR = 3_600_000;
/** Up to this many papers, the first requests wait until all of them can be found. */
const SMALL = 1000;
/** One lock for all processes that could do one database's maintenance at the same time. */
const MAINTENANCE_LOCK = 7_236_432;

/**
 * The job that keeps up to date what time and new papers change: the weights of votes, and what the search reads
 * (words, topics, vectors, related papers).
 */
export interface Maintenance {
  /** Since when the work of a run has waited to be done: for the run under way, or for one that will not succeed. */
  readonly waitingSince: Date | undefined;
  /** Runs the job, now or after a run under way, as whoever writes papers asks for; failures are logged. */
  run(): Promise<void>;
  /** Stops a run under way, and runs no more. */
  close(): Promise<void>;
}

/** Runs `work` unless another process of the same server is at it: only one process has the embedded database. */
async function alone({ embedded, orm }: Database, work: () => Promise<void>): Promise<void> {
  if (embedded) return work();
  await orm.transaction(async (tx) => {
    const [{ free }] = rowsOf<{ free: boolean }>(
      await tx.execute(sql`select pg_try_advisory_xact_lock(${MAINTENANCE_LOCK}) as free`),
    );
    if (free) await work();
  });
}

/**
 * Starts maintenance: a run at once, and one every hour for what is due by the calendar. Resolves when a small
 * collection can be searched; a large one is brought up to date while requests are answered.
 */
export async function startMaintenance(
  database: Database,
  now: () => Date,
  encoder?: Encoder,
): Promise<Maintenance> {
  const { orm } = database;
  const stop = new AbortController();
  const { signal } = stop;
  const readModel = modelReader(encoder);
  let waitingSince: Date | undefined;
  const once = coalesceCalls(async () => {
    if (signal.aborted) return;
    waitingSince ??= now();
    try {
      await alone(database, async () => {
        await updateVoteWeights(orm, now());
        await indexPapers(orm, { signal });
        const done = await updateEmbedding(orm, now(), { signal, encoder });
        const model = await readModel(orm);
        if (model) await indexTopics(orm, model, { signal });
        if (done === "refitted") console.log("gradus: rebuilt the search embeddings");
      });
      waitingSince = undefined;
    } catch (error) {
      if (!signal.aborted) log({ job: "maintenance", outcome: "failed", ...errorFields(error) });
    }
  });
  const timer = setInterval(() => void once(), HOUR).unref();
  const [{ total }] = await orm.select({ total: count() }).from(papers);
  const first = once();
  if (total <= SMALL) await first;
  return {
    get waitingSince() {
      return waitingSince;
    },
    run: once,
    async close() {
      clearInterval(timer);
      stop.abort();
      await once();
    },
  };
}
