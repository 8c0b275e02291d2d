import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { LIST_LENGTH } from "./lexical.ts";

/** Least cosine of a paper to the query. */
const LEAST_COSINE = 0.05;
/** Least similarity of a query to the words of a title (Postgres' `word_similarity`). */
const LEAST_SIMILARITY = 0.5;
/** Up to this many papers are compared one by one; above, the index narrows them down. */
export const EXACT_UP_TO = 5000;

const ids = (result: unknown) => rowsOf<{ id: number | string }>(result).map(({ id }) => Number(id));

/** The papers nearest to a vector of the model, by their cosine. */
export async function vectorList(
  orm: Orm,
  { modelId, vector }: { readonly modelId: number; readonly vector: ArrayLike<number> },
): Promise<number[]> {
  const text = `[${Array.from(vector).join(",")}]`;
  return ids(
    await orm.execute(sql`
      select e.paper_id as id from paper_embeddings e join papers p on p.id = e.paper_id
      where e.model_id = ${modelId} and not p.hidden and 1 - (e.embedding <=> ${text}::vector) >= ${LEAST_COSINE}
      order by e.embedding <=> ${text}::vector, e.paper_id limit ${LIST_LENGTH}`),
  );
}

/** The papers whose titles have words spelled like the query's. */
export async function titleList(orm: Orm, wanted: string): Promise<number[]> {
  return ids(
    await orm.execute(sql`
      select id from papers, (select lower(unaccent(${wanted})) as query) q
      where not hidden and word_similarity(q.query, lower(unaccent(title))) >= ${LEAST_SIMILARITY}
      order by word_similarity(q.query, lower(unaccent(title))) desc, hot desc nulls last, id
      limit ${LIST_LENGTH}`),
  );
}

/** Those of some papers that have one of the unwanted words or phrases. */
export async function withUnwanted(
  orm: Orm,
  papers: readonly number[],
  unwanted: readonly string[],
): Promise<Set<number>> {
  if (papers.length === 0 || unwanted.length === 0) return new Set();
  const list = sql.join(
    papers.map((id) => sql`${id}`),
    sql`, `,
  );
  const query = sql.join(
    unwanted.map((term) => sql`websearch_to_tsquery('english', unaccent(${term}))`),
    sql` || `,
  );
  return new Set(
    ids(await orm.execute(sql`select id from papers where id in (${list}) and tsv @@ (${query})`)),
  );
}

/** Words of titles that are spelled like words of a query that found nothing. */
export async function closestWords(orm: Orm, text: string, count: number): Promise<string[]> {
  const rows = rowsOf<{ word: string }>(
    await orm.execute(sql`
      with hottest as (select title from papers where not hidden order by hot desc nulls last limit 2000),
      word as (
        select distinct lower(w) as word from hottest, regexp_split_to_table(title, '[^[:alpha:]]+') w
        where length(w) >= 4
      ),
      asked as (select distinct w from regexp_split_to_table(lower(${text}), '[^[:alpha:]]+') w where length(w) >= 3)
      select word from word, asked where similarity(word, w) >= 0.3
      group by word order by max(similarity(word, w)) desc, word limit ${count}`),
  );
  return rows.map(({ word }) => word);
}
