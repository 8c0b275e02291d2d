import { sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { searchSettings } from "../../database/search-settings.ts";
import { withSettings } from "../../database/settings.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";
import { distance, ofModel, type VectorSpace } from "./vector-index.ts";

/** Papers shown as related to a paper. */
const RELATED_COUNT = 5;
/** Least cosine of a related paper. */
const LEAST_COSINE = 0.08;
/** Neighbors that are looked at: the paper itself, hidden and withdrawn ones are among them. */
const NEIGHBORS = 20;
/** Papers in one statement: few, because the embedded database answers nobody else meanwhile. */
const BATCH = 10;

/** Writes anew which papers are nearest to each of some papers. */
export async function writeRelated(
  orm: Orm,
  space: VectorSpace,
  paperIds: readonly number[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  for (let i = 0; i < paperIds.length; i += BATCH) {
    await yieldToEventLoop(signal);
    const ids = sql.join(
      paperIds.slice(i, i + BATCH).map((id) => sql`${id}`),
      sql`, `,
    );
    await withSettings(orm, searchSettings, async (tx) => {
      await tx.execute(sql`delete from related_papers where paper_id in (${ids})`);
      await tx.execute(sql`
        insert into related_papers (paper_id, rank, related_id, cosine)
        select p.paper_id, row_number() over (partition by p.paper_id order by near.distance, near.paper_id) as rank,
               near.paper_id, 1 - near.distance
        from paper_embeddings p
        cross join lateral (
          select close.* from (
            select e.paper_id, ${distance(space, sql`p.embedding`)} as distance from paper_embeddings e
            where e.${ofModel(space.id)} order by distance limit ${NEIGHBORS}
          ) close join papers q on q.id = close.paper_id
          where close.paper_id <> p.paper_id and not q.hidden and not q.withdrawn
            and 1 - close.distance >= ${LEAST_COSINE}
          order by close.distance, close.paper_id limit ${RELATED_COUNT}
        ) near
        where p.${ofModel(space.id)} and p.paper_id in (${ids})`);
    });
  }
}
