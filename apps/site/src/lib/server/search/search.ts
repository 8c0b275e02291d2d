import type { SQL } from "drizzle-orm";
import { parsePaperReference } from "#lib/arxiv-id.ts";
import type { Orm } from "../database/connect.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { abbreviationsIn } from "./abbreviations.ts";
import { closestWords, compareHot, compareIds } from "./candidates.ts";
import type { ActiveModel } from "./embedding/store.ts";
import { fuseRanks } from "./fuse.ts";
import { mendQuery, writtenAs } from "./mend.ts";
import { normalizeQuery, type QueryParts, splitQuery } from "./normalize.ts";
import { type FoundPaper, paperById, rankedLists } from "./ranked-lists.ts";
import type { Spellings } from "./spellings.ts";
import { type QueryTerm, type ReadQuery, readQuery } from "./terms.ts";

/** The result of a search. */
export interface SearchResult {
  /** The query as it was searched for. */
  readonly text: string;
  /** Whether it was cut to 250 characters. */
  readonly cut: boolean;
  /** Best first; those that are less related to the query than the others come last. */
  readonly papers: readonly FoundPaper[];
  /** The arXiv id that the whole query is, and whether that paper is here. */
  readonly identifier?: { readonly arxivId: string; readonly known: boolean };
  /** Lexemes of the query, for marking. */
  readonly lexemes: readonly string[];
  /** Words of the query that no paper has, and for which those spelled like them were searched for. */
  readonly misspelled: readonly string[];
  /** When nothing was found: words spelled similarly. */
  readonly suggestions: readonly string[];
}

/** The orders of what was found. */
export type SearchOrder = "relevance" | "trending" | "new";

const orders: Readonly<Record<Exclude<SearchOrder, "relevance">, (a: FoundPaper, b: FoundPaper) => number>> =
  {
    trending: (a, b) => compareHot(a, b) || compareIds(a, b),
    new: (a, b) => b.publishedAt - a.publishedAt || compareIds(b, a),
  };

/** Papers that were found, best first, in another order. */
export function sortFound(papers: readonly FoundPaper[], order: SearchOrder): readonly FoundPaper[] {
  return order === "relevance" ? papers : papers.toSorted(orders[order]);
}

/** Options of a search. */
export interface SearchOptions {
  /** Where queries are among the papers, by meaning. */
  readonly model?: ActiveModel;
  /** The filters: each paper found says whether it passes. */
  readonly condition?: SQL;
}

/** A search as the database and the model read it. */
export interface ReadSearch {
  readonly read: ReadQuery;
  /** What is spelled like words that no paper has; missing where none was looked up. */
  readonly spellings?: Spellings;
  /** Lexemes for which others were taken. */
  readonly replaced?: ReadonlySet<string>;
  /** Its terms and those of what its abbreviations stand for. */
  readonly terms: readonly QueryTerm[];
  /** Where it is among the papers; missing where the model knows none of its terms. */
  readonly vector?: ArrayLike<number>;
}

/** Has the database and the model read what is searched for, with words mended that no paper has. */
export async function readSearch(
  orm: Orm,
  parts: QueryParts,
  model: ActiveModel | undefined,
): Promise<ReadSearch> {
  const abbreviations = parts.operators ? [] : abbreviationsIn(parts.wanted);
  const asRead = await readQuery(orm, parts.wanted, abbreviations);
  const mended = parts.operators ? { read: asRead } : await mendQuery(orm, asRead);
  const { read } = mended;
  const meant = read.spelledOut.flatMap(({ forms, phrase }) => [...forms, ...phrase]);
  const terms = [...new Map([...meant, ...read.terms].map((term) => [term.lexeme, term])).values()];
  const vector = await model?.embedQuery(
    [parts.wanted, ...abbreviations.map(({ phrase }) => phrase)].join(" "),
    terms.map(({ lexeme, count }) => ({ term: lexeme, count })),
  );
  return { ...mended, terms, vector };
}

/**
 * Papers for a query: an arXiv identifier finds its paper; otherwise the lists by words, by meaning and by spelling
 * of titles are fused by reciprocal ranks, and papers with an unwanted term are left out. Abbreviations find what they
 * stand for, too.
 */
export async function search(
  orm: Orm,
  raw: string,
  { model, condition }: SearchOptions = {},
): Promise<SearchResult> {
  const { text, tooLong: cut } = normalizeQuery(raw);
  const nothing = { text, cut, papers: [], lexemes: [], misspelled: [], suggestions: [] };
  const reference = parsePaperReference(text);
  if (reference) {
    const paper = await paperById(orm, reference.id, condition);
    const identifier = { arxivId: reference.id, known: paper !== undefined };
    return { ...nothing, papers: paper ? [paper] : [], identifier };
  }
  const parts = splitQuery(readableLine(text));
  if (!parts.wanted) return nothing;
  const { read, spellings, replaced = new Set(), terms, vector } = await readSearch(orm, parts, model);
  const near = model && vector ? { space: model, vector } : undefined;
  const lists = await rankedLists(orm, { parts, read, spellings, near, condition });
  const papers = fuseRanks(
    lists,
    (a, b) => compareHot(a, b) || b.publishedAt - a.publishedAt || compareIds(a, b),
  )
    // Without the titles, because what is found is kept.
    .map(({ id: { id, hot, publishedAt, arxivId, runs, passes, close } }): FoundPaper => {
      return { id, hot, publishedAt, arxivId, runs, passes, close };
    })
    .sort((a, b) => Number(b.close) - Number(a.close));
  return {
    text,
    cut,
    papers,
    lexemes: terms.map(({ lexeme }) => lexeme),
    misspelled: await writtenAs(orm, parts.wanted, replaced),
    // Words that say nothing are like words of all titles.
    suggestions: papers.length === 0 && read.terms.length > 0 ? await closestWords(orm, parts.wanted, 5) : [],
  };
}
