import { and, eq, inArray } from "drizzle-orm";
import { parsePaperReference } from "#lib/arxiv-id.ts";
import type { Orm } from "../database/connect.ts";
import { papers } from "../database/schema.ts";
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
  const rows = await orm
    .select({ id: papers.id, hot: papers.hot, publishedAt: papers.publishedAt })
    .from(papers)
    .where(inArray(papers.id, [...ids]));
  return new Map(
    rows.map(({ id, hot, publishedAt }) => [
      id,
      { hot: hot ?? Number.NEGATIVE_INFINITY, publishedAt: publishedAt.getTime() },
    ]),
  );
}

/** Hotter first, then newer, then by id: the order of papers with equal scores. */
function byStanding(standing: ReadonlyMap<number, Standing>): (a: number, b: number) => number {
  return (a, b) => {
    const [x, y] = [standing.get(a), standing.get(b)];
    if (!x || !y) return a - b;
    // Two that were never featured are equally cold: their difference is no number.
    const warmer = x.hot === y.hot ? 0 : y.hot - x.hot;
    return warmer || y.publishedAt - x.publishedAt || a - b;
  };
}

/**
 * Papers for a query: an arXiv identifier finds its paper; otherwise the lists by words, by meaning and by spelling
 * of titles are fused by reciprocal ranks, and papers with an unwanted term are left out.
 */
export async function search(orm: Orm, raw: string, model?: ActiveModel): Promise<SearchResult> {
  const { text, tooLong: cut } = normalizeQuery(raw);
  const reference = parsePaperReference(text);
  if (reference) {
    const rows = await orm
      .select({ id: papers.id })
      .from(papers)
      .where(and(eq(papers.arxivId, reference.id), eq(papers.hidden, false)));
    return {
      text,
      cut,
      ids: rows.map(({ id }) => id),
      identifier: { arxivId: reference.id, known: rows.length > 0 },
      lexemes: [],
      suggestions: [],
    };
  }
  const parts = splitQuery(text);
  if (!parts.wanted) return { text, cut, ids: [], lexemes: [], suggestions: [] };
  const { terms, papers: count } = await queryTerms(orm, parts.wanted);
  const vector = await model?.embedQuery(
    parts.wanted,
    terms.map((term) => ({ term: term.lexeme, count: term.count })),
  );
  const lists = [
    await lexicalList(orm, parts, terms, count),
    model && vector ? await vectorList(orm, model, vector) : [],
    await titleList(orm, parts.wanted),
  ];
  const found = [...new Set(lists.flat())];
  const unwanted = await withUnwanted(orm, found, parts.unwanted);
  const standing = await standings(orm, found);
  const kept = lists.map((list) => list.filter((id) => !unwanted.has(id)));
  const ids = fuseRanks(kept, byStanding(standing)).map(({ id }) => id);
  return {
    text,
    cut,
    ids,
    lexemes: terms.map(({ lexeme }) => lexeme),
    suggestions: ids.length === 0 ? await closestWords(orm, parts.wanted, 5) : [],
  };
}
