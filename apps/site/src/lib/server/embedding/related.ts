import { type SQL, sql } from "drizzle-orm";

/** Papers shown as related to a paper. */
export const RELATED_COUNT = 5;
/** Least cosine of a related paper. */
const LEAST_COSINE = 0.08;

/** Writes the nearest papers of those that `condition` (on `p.paper_id`) selects. */
export function relatedStatement(modelId: number, condition: SQL): SQL {
  return sql`
    insert into related_papers (paper_id, rank, related_id, cosine)
    select p.paper_id, near.rank, near.related_id, near.cosine
    from paper_embeddings p
    cross join lateral (
      select e.paper_id as related_id, 1 - (e.embedding <=> p.embedding) as cosine,
             row_number() over (order by e.embedding <=> p.embedding, e.paper_id) as rank
      from paper_embeddings e join papers q on q.id = e.paper_id
      where e.model_id = ${modelId} and e.paper_id <> p.paper_id and not q.hidden
      order by e.embedding <=> p.embedding, e.paper_id limit ${RELATED_COUNT}
    ) near
    where p.model_id = ${modelId} and near.cosine >= ${LEAST_COSINE} and ${condition}
    on conflict (paper_id, rank) do update set related_id = excluded.related_id, cosine = excluded.cosine`;
}
