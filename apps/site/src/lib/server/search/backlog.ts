import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

/** Papers that the search does not find yet. */
export interface SearchBacklog {
  /** By their words. */
  readonly unindexed: number;
  /** By their meaning: without a vector of the active model, of which each paper has one at most. */
  readonly withoutVector: number;
}

/** Counts without looking at the vectors of each paper: metrics are read every few seconds. */
export async function searchBacklog(orm: Orm): Promise<SearchBacklog> {
  const result: unknown = await orm.execute(sql`
    select (select count(*) from papers where tsv is null)::int as unindexed,
      (select count(*) from papers)::int - (
        select count(*) from paper_embeddings where model_id = (select id from embedding_models where active)
      )::int as vectorless`);
  const [{ unindexed, vectorless }] = rowsOf<{ unindexed: number; vectorless: number }>(result);
  return { unindexed, withoutVector: vectorless };
}
