import { and, asc, desc, gte, inArray, lte, type SQL, sql } from "drizzle-orm";
import { type Day, parseDay } from "#lib/days.ts";
import type { SearchView } from "#lib/views.ts";
import { escapeHtml } from "./abstract/html.ts";
import type { Orm } from "./database/connect.ts";
import { papers } from "./database/schema.ts";
import { storedTopics } from "./feed.ts";
import { feedEntries } from "./feed-entries.ts";
import { type ListParameters, PAGE_SIZE, readListParameters } from "./listing/parameters.ts";
import { narrowed } from "./listing/query.ts";
import { papersById } from "./papers.ts";
import { markHtml, wordsFound } from "./search/mark.ts";
import { search } from "./search/search.ts";
import type { Site } from "./site.ts";

/** The orders of a result. */
export type SearchSort = SearchView["sort"];

const orders: Readonly<Record<Exclude<SearchSort, "relevance">, readonly SQL[]>> = {
  trending: [sql`${papers.hot} desc nulls last`, asc(papers.id)],
  new: [desc(papers.publishedAt), desc(papers.arxivId)],
};

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
        .map(({ field }) => `“${field}” is a day, written like 2025-12-25.`),
    ],
  };
}

/** Those of the papers found that pass all filters but that of runnable papers, in order. */
async function filtered(
  orm: Orm,
  found: readonly number[],
  parameters: ListParameters,
  { from, to, sort }: { readonly from?: Day; readonly to?: Day; readonly sort: SearchSort },
): Promise<{ id: number; runs: boolean }[]> {
  if (found.length === 0) return [];
  const rows = await orm
    .select({ id: papers.id, runs: sql<boolean>`${papers.specSlug} is not null` })
    .from(papers)
    .where(
      and(
        inArray(papers.id, [...found]),
        narrowed({ ...parameters, runnable: false }),
        from ? gte(papers.publishedAt, new Date(`${from}T00:00:00Z`)) : undefined,
        to ? lte(papers.publishedAt, new Date(`${to}T23:59:59.999Z`)) : undefined,
      ),
    )
    .orderBy(...(sort === "relevance" ? [] : orders[sort]));
  if (sort !== "relevance") return rows;
  const byId = new Map(rows.map((row) => [row.id, row]));
  return found.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/** The page of a search. */
export async function searchFeed(site: Site, query: URLSearchParams): Promise<SearchView> {
  const { orm } = site.database;
  const topics = await storedTopics(orm);
  const { parameters, sort, from, to, notices } = readSearch(
    query,
    topics.map(({ slug }) => slug),
  );
  const result = await search(orm, query.get("q") ?? "", await site.model());
  const all = await filtered(orm, result.ids, parameters, { from, to, sort });
  const runnable = all.filter(({ runs }) => runs);
  const passing = (parameters.runnable ? runnable : all).map(({ id }) => id);
  const { page } = parameters;
  const shown = await papersById(orm, passing.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
  const now = site.now();
  const entries = await feedEntries(orm, shown, { first: page * PAGE_SIZE + 1, now });
  const found = await wordsFound(
    orm,
    entries.flatMap(({ title, excerptHtml }) => [title, excerptHtml]),
    result.lexemes,
  );
  return {
    text: result.text,
    cut: result.cut,
    entries: entries.map((entry) => ({
      ...entry,
      titleHtml: markHtml(escapeHtml(entry.title), found),
      excerptHtml: markHtml(entry.excerptHtml, found),
    })),
    sort,
    topics: topics.map((topic) => ({ ...topic, chosen: parameters.topics.includes(topic.slug) })),
    runnableOnly: parameters.runnable,
    from,
    to,
    page,
    pages: Math.max(1, Math.ceil(passing.length / PAGE_SIZE)),
    total: passing.length,
    all: all.length,
    runnable: runnable.length,
    identifier: result.identifier,
    suggestions: result.suggestions,
    notices,
  };
}
