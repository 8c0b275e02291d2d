import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { searchSettings } from "../database/search-settings.ts";
import { distance, ofModel, type VectorSpace } from "./embedding/vector-index.ts";
import type { LeastHot } from "./hottest.ts";
import { hottestAfterMatching, hottestTitled, LIST_LENGTH } from "./lexical.ts";
import { queryWithTimeout } from "./query-with-timeout.ts";
import { searchable } from "./searchable.ts";
import { type Spelling, type Spellings, spellingsOf } from "./spellings.ts";
import { wordSimilarity } from "./word-similarity.ts";

/** Smallest cosine between a paper and the query. */
const LEAST_COSINE = 0.05;
/** Smallest similarity between a query and the words of a title. */
const LEAST_SIMILARITY = searchSettings["pg_trgm.word_similarity_threshold"];

/** A nearest paper's cosine that says that it is about the query: what is nearest may be far. */
const CLEAR_COSINE = 0.25;

/** The papers nearest to a vector of the model: their ids, places, and cosines as shares of the greatest. */
export function vectorList(space: VectorSpace, vector: ArrayLike<number>): SQL {
  const text = `[${Array.from(vector).join(",")}]`;
  return sql`
    select paper_id as id, row_number() over (order by distance, paper_id) as place,
      (1 - distance) / greatest(max(1 - distance) over (), ${CLEAR_COSINE}) as share
    from (
      select paper_id, ${distance(space, sql`${text}`)} as distance from paper_embeddings e
      where ${ofModel(space.id)} order by distance limit ${LIST_LENGTH}
    ) near
    where 1 - distance >= ${LEAST_COSINE}`;
}

/** The papers whose titles have words spelled like the query's, of all papers: their ids and places. */
export function titleList(folded: string): SQL {
  const query = sql`${folded}::text`;
  // Without the offset each title would be compared for the condition and once more for the order.
  return sql`
    select id, row_number() over (order by similarity desc, hot desc nulls last, arxiv_id) as place, 1::float8 as share
    from (
      select id, hot, arxiv_id, word_similarity(${query}, title_folded) as similarity
      from papers where ${query} <% title_folded and not hidden offset 0
    ) titled
    where similarity >= ${LEAST_SIMILARITY}
    order by place limit ${LIST_LENGTH}`;
}

/** A paper with its title in lower case and without accents. */
export interface Titled {
  readonly arxivId: string;
  readonly hot: number;
  readonly folded: string;
}

/** The same of some papers. */
export function titleMatchesAmong<T extends Titled>(folded: string, papers: Iterable<T>): T[] {
  const similarity = wordSimilarity(folded, LEAST_SIMILARITY);
  return [...papers]
    .map((paper) => ({ paper, value: similarity(paper.folded) }))
    .filter(({ value }) => value >= LEAST_SIMILARITY)
    .sort((a, b) => b.value - a.value || compareHot(a.paper, b.paper) || compareIds(a.paper, b.paper))
    .slice(0, LIST_LENGTH)
    .map(({ paper }) => paper);
}

/** Hotter first: two papers that were never featured are equally cold. */
export function compareHot(a: { readonly hot: number }, b: { readonly hot: number }): number {
  // Their difference is no number.
  return a.hot === b.hot ? 0 : b.hot - a.hot;
}

/** By arXiv identifier: row ids depend on the order in which papers were stored. */
export function compareIds(a: { readonly arxivId: string }, b: { readonly arxivId: string }): number {
  if (a.arxivId === b.arxivId) return 0;
  return a.arxivId < b.arxivId ? -1 : 1;
}

/** Words of a query that are compared with those of titles, the longest. */
const COMPARED = 4;
/** Papers with a lexeme in their titles that is tried in place of a misspelled one, the hottest. */
const SPELLED = 300;

/** The lexemes spelled like the longest of some words that no paper has; `known` are those looked up before. */
export async function closeLexemes(
  orm: Orm,
  unknown: readonly string[],
  known: Spellings = new Map(),
): Promise<readonly Spelling[]> {
  const asked = [...unknown].sort((a, b) => b.length - a.length).slice(0, COMPARED);
  const more = await spellingsOf(
    orm,
    asked.filter((word) => !known.has(word)),
  );
  return asked.flatMap((word) => known.get(word) ?? more.get(word) ?? []);
}

/**
 * The ids of papers whose titles have one of some lexemes: to compare a query with every title that has most of its
 * letters takes seconds where there are many titles.
 */
export function spelledList(close: readonly Spelling[], hot?: LeastHot): SQL {
  return hottestTitled(sql`id`, close, SPELLED, hot);
}

/** The condition that a paper has one of the unwanted words or phrases; undefined when there are none. */
export function excludedCondition(unwanted: readonly string[]): SQL | undefined {
  if (unwanted.length === 0) return undefined;
  const conditions = unwanted.map((term) => {
    // Words without positions lie within the row; phrases and what is written with a hyphen need positions.
    const vector = /^[\p{L}\p{N}]+$/u.test(term) ? sql`papers.words` : sql`papers.tsv`;
    return sql`${vector} @@ websearch_to_tsquery('english', ${searchable(sql`${term}`)})`;
  });
  return sql.join(conditions, sql` or `);
}

/** Titles that a word is compared with, the hottest of those that have one like it. */
const TITLES = 40;

/** Words of titles that are spelled like words of a query that found nothing. */
export async function closestWords(orm: Orm, text: string, count: number): Promise<string[]> {
  const words = new Set(text.toLowerCase().match(/\p{L}{3,}/gu));
  if (words.size === 0) return [];
  const asked = [...words].sort((a, b) => b.length - a.length).slice(0, COMPARED);
  const result = await queryWithTimeout(
    orm,
    sql`
      select lower(word) as word
      from (select unaccent(w) as w from jsonb_array_elements_text(${JSON.stringify(asked)}::text::jsonb) w) asked
      cross join lateral (
        select title from papers where w <% title_folded and not hidden
        order by ${hottestAfterMatching} limit ${TITLES}
      ) titled
      cross join regexp_split_to_table(title, '[^[:alpha:]]+') word
      where length(word) >= 4 and similarity(word, w) >= 0.3
      group by lower(word) order by max(similarity(word, w)) desc, lower(word) limit ${count}`,
  );
  return result === undefined ? [] : rowsOf<{ word: string }>(result).map(({ word }) => word);
}
