import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { withSettings } from "../database/settings.ts";
import { distance, ofModel, searchSettings } from "../embedding/nearness.ts";
import { LIST_LENGTH } from "./lexical.ts";

/** Least cosine of a paper to the query. */
const LEAST_COSINE = 0.05;
/** Least similarity of a query to the words of a title (Postgres' `word_similarity`). */
const LEAST_SIMILARITY = 0.5;
const ids = (result: unknown) => rowsOf<{ id: number | string }>(result).map(({ id }) => Number(id));

/** The papers nearest to a vector of the model, by their cosine. */
export function vectorList(
  orm: Orm,
  { id, dimension }: { readonly id: number; readonly dimension: number },
  vector: ArrayLike<number>,
): Promise<number[]> {
  const text = `[${Array.from(vector).join(",")}]`;
  return withSettings(orm, searchSettings, async (tx) =>
    ids(
      await tx.execute(sql`
        with near as (
          select paper_id, ${distance({ id, dimension }, sql`${text}`)} as distance from paper_embeddings e
          where ${ofModel(id)} order by distance limit ${LIST_LENGTH}
        )
        select p.id from near join papers p on p.id = near.paper_id
        where not p.hidden and 1 - near.distance >= ${LEAST_COSINE} order by near.distance, p.id`),
    ),
  );
}

/** The papers whose titles have words spelled like the query's. */
export async function titleList(orm: Orm, wanted: string): Promise<number[]> {
  // Marks alone are like no word.
  if (!/[\p{L}\p{N}]/u.test(wanted)) return [];
  // The operator can use the index, and takes its threshold from a setting.
  return withSettings(orm, { "pg_trgm.word_similarity_threshold": LEAST_SIMILARITY }, async (tx) =>
    ids(
      await tx.execute(sql`
        select id from papers, (select lower(unaccent(${wanted})) as query) q
        where not hidden and q.query <% title_folded
        order by word_similarity(q.query, title_folded) desc, hot desc nulls last, id
        limit ${LIST_LENGTH}`),
    ),
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
