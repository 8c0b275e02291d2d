import { asc, eq, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { digestRuns } from "../database/schema/index.ts";

/** The digests that a subscription had, as its export has them: when each was due, what became of it, its papers. */
export function digestsOf(orm: Orm, id: string) {
  return orm
    .select({
      period: digestRuns.periodKey,
      due: digestRuns.cutoff,
      state: digestRuns.state,
      sent: digestRuns.sentAt,
      // With the table's name: beside a column of the same name, the query builder leaves it out.
      papers: sql<string[]>`array(
        select p.arxiv_id from digest_items i join papers p on p.id = i.paper_id
        where i.subscription_id = digest_runs.subscription_id and i.period_key = digest_runs.period_key
        order by i.place)`,
    })
    .from(digestRuns)
    .where(eq(digestRuns.subscriptionId, id))
    .orderBy(asc(digestRuns.cutoff));
}
