import { and, gte, lte, type SQL } from "drizzle-orm";
import { type Day, parseDay } from "#lib/days.ts";
import type { SearchView } from "#lib/views.ts";
import type { Stamp } from "../cache/page-cache.ts";
import { versionedMemo, versionedMemoOfMany } from "../cache/versioned-memo.ts";
import { papers } from "../database/schema/index.ts";
import { listEntries } from "../papers/list-entries.ts";
import { type ListParameters, readListParameters } from "../papers/listing/parameters.ts";
import { narrowed } from "../papers/listing/query.ts";
import { type ListedPaper, listedPapers } from "../papers/papers.ts";
import type { ActiveModel } from "../search/embedding/store.ts";
import { markFound } from "../search/mark.ts";
import { type PackedPapers, packPapers, unpackPapers } from "../search/packed-papers.ts";
import type { FoundPaper } from "../search/ranked-lists.ts";
import { type SearchResult, search, sortFound } from "../search/search.ts";
import { cachedTopics } from "../search/topics/cached-topics.ts";
import type { Site } from "../site.ts";

/** The orders of a result. */
export type SearchSort = SearchView["sort"];

/** The parameters of a search beyond those of a list: `sort=relevance`, and the days `from` and `to`. */
function readSearch(query: URLSearchParams, known: readonly string[]) {
  const listed = new URLSearchParams(query);
  const byRelevance = ["relevance", "", null].includes(query.get("sort"));
  if (byRelevance) listed.delete("sort");
  const { parameters, problems } = readListParameters(listed, { sort: "top", known });
  const days = ["from", "to"].map((field) => {
    const text = query.get(field);
    return { field, text, day: text ? parseDay(text) : undefined };
  });
  const sort: SearchSort = byRelevance || parameters.sort === "top" ? "relevance" : parameters.sort;
  return {
    parameters,
    sort,
    from: days[0].day,
    to: days[1].day,
    notices: [
      ...problems.map(({ message }) => message),
      ...days
        .filter(({ text, day }) => text && !day)
        .map(({ field }) => `“${field}” must be a date such as 2025-12-25.`),
    ],
  };
}

/** The filters but that of runnable papers, as a condition. */
function filters(parameters: ListParameters, from: Day | undefined, to: Day | undefined): SQL | undefined {
  return and(
    narrowed({ ...parameters, runnable: false }),
    from ? gte(papers.publishedAt, new Date(`${from}T00:00:00Z`)) : undefined,
    to ? lte(papers.publishedAt, new Date(`${to}T23:59:59.999Z`)) : undefined,
  );
}

/**
 * Papers on a page of a search, half of a list's: a list is read to its end, of what was found the first are looked at.
 */
const PAGE_SIZE = 25;

/** A result as it is remembered. */
type PackedResult = Omit<SearchResult, "papers"> & { readonly papers: PackedPapers };

/** Searches that are remembered at most: each takes some ten kilobytes. */
const MOST_SEARCHES = 1000;
/**
 * What searches found, for their other pages and orders, and for other readers; for a minute, because on a busy server
 * one may have been without its words.
 */
const searches = versionedMemo<PackedResult>({ most: MOST_SEARCHES });

/** Papers that are remembered at most, as lists show them, each some two kilobytes: all that an embedded database is for. */
const MOST_PAPERS = 20_000;
/** What lists show of papers: the best of many searches are the same. */
const papersShown = versionedMemoOfMany<number, ListedPaper>({ most: MOST_PAPERS });

/** The model that is in use; a new one changes what pages show. */
const models = versionedMemo<ActiveModel | undefined>();

/** The page of a search; what it found is kept for others with the same `stamp`. */
export async function searchView(site: Site, query: URLSearchParams, stamp?: Stamp): Promise<SearchView> {
  const { orm } = site.database;
  const topics = await cachedTopics(orm);
  const { parameters, sort, from, to, notices } = readSearch(
    query,
    topics.map(({ slug }) => slug),
  );
  const text = query.get("q") ?? "";
  const key = JSON.stringify([text, parameters.topics, parameters.minVotes, from, to]);
  const result = await searches(stamp?.minute, key, async () => {
    const found = await search(orm, text, {
      model: await models(stamp?.version, "", site.model),
      condition: filters(parameters, from, to),
    });
    return { ...found, papers: packPapers(found.papers) };
  });
  const passing = unpackPapers(result.papers).filter(({ passes }) => passes);
  const shownOf = (papers: readonly FoundPaper[]) =>
    parameters.runnable ? papers.filter(({ runs }) => runs) : papers;
  const close = passing.filter((paper) => paper.close);
  // In another order than by relevance the less related would stand among the others.
  const listed = shownOf(sort === "relevance" ? passing : close);
  const ids = sortFound(listed, sort).map(({ id }) => id);
  const { page } = parameters;
  const wanted = ids.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  const found = await papersShown(stamp?.version, wanted, async (missing) => {
    const read = await listedPapers(orm, missing);
    return new Map(read.map((paper) => [paper.id, paper]));
  });
  const shown = found.filter((paper) => paper !== undefined);
  const now = site.now();
  const entries = await listEntries(orm, shown, { first: page * PAGE_SIZE + 1, now, topics });
  const marked = await markFound(
    orm,
    entries.flatMap(({ html }) => [html.title, html.excerpt]),
    result.lexemes,
  );
  return {
    text: result.text,
    cut: result.cut,
    entries: entries.map((entry, i) => ({
      ...entry,
      html: { title: marked[2 * i], excerpt: marked[2 * i + 1] },
    })),
    sort,
    topics: topics.map((topic) => ({ ...topic, chosen: parameters.topics.includes(topic.slug) })),
    runnableOnly: parameters.runnable,
    from,
    to,
    page,
    pages: Math.max(1, Math.ceil(ids.length / PAGE_SIZE)),
    listed: ids.length,
    total: shownOf(close).length,
    all: close.length,
    runnable: close.filter(({ runs }) => runs).length,
    identifier: result.identifier,
    misspelled: result.misspelled,
    suggestions: result.suggestions,
    notices,
  };
}
