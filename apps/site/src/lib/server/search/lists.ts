import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { distance, ofModel, type Space } from "../embedding/nearness.ts";
import { LIST_LENGTH } from "./lexical.ts";

/** Least cosine of a paper to the query. */
const LEAST_COSINE = 0.05;
/** Least similarity of a query to the words of a title (Postgres' `word_similarity`). */
const LEAST_SIMILARITY = 0.5;

/** The papers nearest to a vector of the model, by their cosine: their ids and places. */
export function vectorList(space: Space, vector: ArrayLike<number>): SQL {
  const text = `[${Array.from(vector).join(",")}]`;
  return sql`
    select paper_id as id, row_number() over (order by distance, paper_id) as place
    from (
      select paper_id, ${distance(space, sql`${text}`)} as distance from paper_embeddings e
      where ${ofModel(space.id)} order by distance limit ${LIST_LENGTH}
    ) near
    where 1 - distance >= ${LEAST_COSINE}`;
}

/**
 * The papers whose titles have words spelled like the query's: their ids and places. With `among`, a condition on
 * papers, only those; without, all that the index finds.
 */
export function titleList(folded: string, among?: SQL): SQL {
  const query = sql`${folded}::text`;
  return sql`
    select id, row_number() over (order by similarity desc, hot desc nulls last, id) as place
    from (
      select id, hot, word_similarity(${query}, title_folded) as similarity from papers
      where ${among ?? sql`${query} <% title_folded`} and not hidden
    ) titled
    where similarity >= ${LEAST_SIMILARITY}
    order by place limit ${LIST_LENGTH}`;
}

/** The condition that a paper has one of the unwanted words or phrases; undefined when there are none. */
export function hasUnwanted(unwanted: readonly string[]): SQL | undefined {
  if (unwanted.length === 0) return undefined;
  const query = sql.join(
    unwanted.map((term) => sql`websearch_to_tsquery('english', unaccent(${term}))`),
    sql` || `,
  );
  return sql`papers.tsv @@ (${query})`;
}

/** Words of titles that are spelled like words of a query that found nothing. */
export async function closestWords(orm: Orm, text: string, count: number): Promise<string[]> {
  const asked = text.toLowerCase().match(/\p{L}{3,}/gu);
  if (!asked) return [];
  const rows = rowsOf<{ word: string }>(
    await orm.execute(sql`
      with hottest as (select title from papers where not hidden order by hot desc nulls last limit 2000),
      word as (
        select distinct lower(w) as word from hottest, regexp_split_to_table(title, '[^[:alpha:]]+') w
        where length(w) >= 4
      ),
      asked as (select distinct jsonb_array_elements_text(${JSON.stringify(asked)}::text::jsonb) as w)
      select word from word, asked where similarity(word, w) >= 0.3
      group by word order by max(similarity(word, w)) desc, word limit ${count}`),
  );
  return rows.map(({ word }) => word);
}
