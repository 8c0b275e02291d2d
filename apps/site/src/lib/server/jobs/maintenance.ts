import { sql } from "drizzle-orm";
import { findNeighbors } from "../curation/neighbors.ts";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import type { Job } from "../job.ts";
import { purgeReturnPaths } from "../mail/return-paths.ts";
import { purgeReports } from "../mail/suppressions.ts";
import { renderAgain } from "../papers/writing/render-again.ts";
import { purgeSessions } from "../people/sessions.ts";
import { purgeLinks } from "../people/sign-in.ts";
import { updateVoteWeights } from "../people/votes.ts";
import { judgeAgain } from "../reports/judge-again.ts";
import { purgeWithdrawnReports } from "../reports/own-reports.ts";
import { type Encoder, modelReader, updateEmbedding } from "../search/embedding/store.ts";
import { indexPapers, indexTopics } from "../search/index-papers.ts";
import { purgeDigests } from "../subscriptions/digest-history.ts";
import { purgeSubscriptions } from "../subscriptions/subscribe.ts";

/** One lock for all processes that could do one database's maintenance at the same time. */
const MAINTENANCE_LOCK = 7_236_432;

/**
 * Does one piece of work at a time. On a server, work that comes while another process or run is at it is left out. Only
 * one process has the embedded database: there it waits for the run before it, such as the one at the start.
 */
function alone({ embedded, orm }: Database): (work: () => Promise<void>) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  if (embedded)
    return (work) => {
      const mine = before.then(work);
      before = mine.catch(() => undefined);
      return mine;
    };
  return (work) =>
    orm.transaction(async (tx) => {
      const [{ free }] = rowsOf<{ free: boolean }>(
        await tx.execute(sql`select pg_try_advisory_xact_lock(${MAINTENANCE_LOCK}) as free`),
      );
      if (free) await work();
    });
}

/** What maintenance goes by. */
export interface MaintenanceSettings {
  now(): Date;
  readonly encoder?: Encoder;
  /** Reads the model in use, where others keep it, too: it takes megabytes. */
  readonly readModel?: ReturnType<typeof modelReader>;
}

/**
 * The job that keeps up to date what time and new papers change: the weights of votes, what the search reads
 * (words, topics, vectors, related papers), sessions that have expired, abstracts that another version has rendered, and
 * reports that another has judged. Due every hour.
 */
export function maintenanceJob(
  database: Database,
  { now, encoder, readModel = modelReader(encoder) }: MaintenanceSettings,
): Job {
  const { orm } = database;
  const once = alone(database);
  return {
    name: "maintenance",
    schedule: "7 * * * *",
    async run(signal) {
      signal.throwIfAborted();
      await once(async () => {
        await updateVoteWeights(orm, now());
        await purgeLinks(orm, now());
        await purgeSessions(orm, now());
        await purgeSubscriptions(orm, now());
        await purgeDigests(orm, now(), { signal });
        await purgeReports(orm, now());
        await purgeWithdrawnReports(orm, now());
        await purgeReturnPaths(orm, now());
        await renderAgain(orm, { signal });
        await indexPapers(orm, { signal });
        const done = await updateEmbedding(orm, now(), { signal, encoder });
        const model = await readModel(orm);
        if (model) {
          await indexTopics(orm, model, { signal });
          await findNeighbors(orm, model, { signal });
        }
        await judgeAgain(orm, { signal });
        if (done === "refitted") console.log("gradus: rebuilt the search embeddings");
      });
      signal.throwIfAborted();
    },
  };
}
