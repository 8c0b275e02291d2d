import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { distance, ofModel, type VectorSpace } from "../search/embedding/vector-index.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";

/** Papers shown beside one that came. */
const SHOWN = 3;
/** Least cosine of a paper that is near another one, as of related papers. */
const LEAST_COSINE = 0.08;
/** How many of the latest papers in the lists are compared. */
const LOOKED_AT = 5000;
/** Days after which nobody chooses from what came. */
const DAYS = 30;
/** Papers in one statement: few, because the embedded database answers nobody else meanwhile. */
const BATCH = 10;

/** Papers that came, are not in the lists, and have no neighbors under a model yet. */
async function waiting(orm: Orm, { id }: VectorSpace): Promise<number[]> {
  const rows = await orm.execute(sql`
    select p.id::integer as id from papers p
    join paper_embeddings e on e.paper_id = p.id and e.${ofModel(id)}
    where p.lane is distinct from 'seed' and p.created_at > now() - make_interval(days => ${DAYS}::int)
      and p.featured_at is null
      and not exists (select 1 from arrival_neighbors a where a.paper_id = p.id and a.model_id = ${id})
    order by p.id`);
  return rowsOf<{ id: number }>(rows).map(({ id: paper }) => paper);
}

/** Finds, for each paper that came, the nearest of those in the lists. */
export async function findNeighbors(
  orm: Orm,
  space: VectorSpace,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const ids = await waiting(orm, space);
  for (let i = 0; i < ids.length; i += BATCH) {
    await yieldToEventLoop(signal);
    const batch = sql.join(
      ids.slice(i, i + BATCH).map((id) => sql`${id}`),
      sql`, `,
    );
    await orm.execute(sql`
      insert into arrival_neighbors (paper_id, model_id, neighbors)
      select p.paper_id, ${space.id}::bigint, coalesce(near.found, '[]'::jsonb)
      from paper_embeddings p
      cross join lateral (
        select jsonb_agg(jsonb_build_object('id', close.paper_id, 'cosine', round(close.cosine::numeric, 4))
          order by close.cosine desc, close.paper_id) as found
        from (
          select e.paper_id, 1 - (${distance(space, sql`p.embedding`)}) as cosine
          from (
            select id from papers where featured_at is not null and not hidden
            order by featured_at desc limit ${LOOKED_AT}
          ) listed join paper_embeddings e on e.paper_id = listed.id and e.${ofModel(space.id)}
          order by cosine desc, e.paper_id limit ${SHOWN}
        ) close where close.cosine >= ${LEAST_COSINE}
      ) near
      where p.${ofModel(space.id)} and p.paper_id in (${batch})
      on conflict (paper_id) do update set model_id = excluded.model_id, neighbors = excluded.neighbors`);
  }
}
