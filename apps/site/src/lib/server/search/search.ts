import { sql } from "drizzle-orm";
import { parsePaperReference } from "#lib/arxiv-id.ts";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import type { ActiveModel } from "../embedding/store.ts";
import { fuseRanks } from "./fuse.ts";
import { lexicalList, queryTerms } from "./lexical.ts";
import { closestWords, titleList, vectorList, withUnwanted } from "./lists.ts";
import { normalizeQuery, splitQuery } from "./normalize.ts";

/** What a query found. */
export interface SearchResult {
  /** The query as it was searched for. */
  readonly text: string;
  /** Whether it was cut to 250 characters. */
  readonly cut: boolean;
  /** Papers, best first. */
  readonly ids: readonly number[];
  /** The arXiv id that the whole query is, and whether that paper is here. */
  readonly identifier?: { readonly arxivId: string; readonly known: boolean };
  /** Lexemes of the query, for marking. */
  readonly lexemes: readonly string[];
  /** When nothing was found: words that are spelled alike. */
  readonly suggestions: readonly string[];
}

interface Standing {
  readonly hot: number;
  readonly publishedAt: number;
}

async function standings(orm: Orm, ids: readonly number[]): Promise<Map<number, Standing>> {
  if (ids.length === 0) return new Map();
  const list = sql.join(
    ids.map((id) => sql`${id}`),
    sql`, `,
  );
  const rows = rowsOf<{ id: number | string; hot: number | null; published: number }>(
    await orm.execute(sql`
      select id, hot, extract(epoch from published_at)::double precision as published from papers where id in (${list})`),
  );
  return new Map(
    rows.map(({ id, hot, published }) => [
      Number(id),
      { hot: hot ?? Number.NEGATIVE_INFINITY, publishedAt: published },
    ]),
  );
}

/**
 * Papers for a query: an arXiv identifier finds its paper; otherwise the lists by words, by meaning and by spelling
 * of titles are fused by reciprocal ranks, and papers with an unwanted term are left out.
 */
export async function search(orm: Orm, raw: string, model?: ActiveModel): Promise<SearchResult> {
  const { text, tooLong: cut } = normalizeQuery(raw);
  const reference = parsePaperReference(text);
  if (reference) {
    const rows = rowsOf<{ id: number | string }>(
      await orm.execute(sql`select id from papers where arxiv_id = ${reference.id} and not hidden`),
    );
    return {
      text,
      cut,
      ids: rows.map(({ id }) => Number(id)),
      identifier: { arxivId: reference.id, known: rows.length > 0 },
      lexemes: [],
      suggestions: [],
    };
  }
  const parts = splitQuery(text);
  if (!parts.wanted) return { text, cut, ids: [], lexemes: [], suggestions: [] };
  const { terms, papers } = await queryTerms(orm, parts.wanted);
  const vector = await model?.embed(
    parts.wanted,
    terms.map(({ lexeme, count }) => ({ term: lexeme, count })),
  );
  const lists = [
    await lexicalList(orm, parts, terms, papers),
    model && vector ? await vectorList(orm, { modelId: model.id, vector }) : [],
    await titleList(orm, parts.wanted),
  ];
  const found = [...new Set(lists.flat())];
  const unwanted = await withUnwanted(orm, found, parts.unwanted);
  const standing = await standings(orm, found);
  const compare = (a: number, b: number) => {
    const [x, y] = [standing.get(a), standing.get(b)];
    return (y?.hot ?? 0) - (x?.hot ?? 0) || (y?.publishedAt ?? 0) - (x?.publishedAt ?? 0) || a - b;
  };
  const kept = lists.map((list) => list.filter((id) => !unwanted.has(id)));
  const ids = fuseRanks(kept, compare).map(({ id }) => id);
  return {
    text,
    cut,
    ids,
    lexemes: terms.map(({ lexeme }) => lexeme),
    suggestions: ids.length === 0 ? await closestWords(orm, parts.wanted, 5) : [],
  };
}
