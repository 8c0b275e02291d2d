import { papers as registry } from "@gradus/papers";
import { asc } from "drizzle-orm";
import { countLabel, type Day, dateLabel, dayOf } from "#lib/days.ts";
import { daysOf, type Period, periodHeading, periodLabel, periodOf, periodPath } from "#lib/periods.ts";
import type { FeedEntry, FeedView, PeriodLink } from "#lib/views.ts";
import type { Orm } from "./database/connect.ts";
import { topics as topicRows } from "./database/schema.ts";
import { type ListParameters, PAGE_SIZE, readListParameters, type Sort } from "./listing/parameters.ts";
import { type Listing, listPapers, nearestDays } from "./listing/query.ts";
import type { StoredPaper } from "./papers.ts";
import type { Site } from "./site.ts";

const NAMES_SHOWN = 3;

/** "A, B, C and 3 more"; up to four names in full. */
export function authorsLine(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN + 1) return names.join(", ");
  return `${names.slice(0, NAMES_SHOWN).join(", ")} and ${(names.length - NAMES_SHOWN).toLocaleString("en-US")} more`;
}

/** A paper as lists show it. */
export function feedEntry(paper: StoredPaper, rank: number, now: Date): FeedEntry {
  const runnable = registry.find(({ slug }) => slug === paper.specSlug);
  return {
    rank,
    arxivId: paper.arxivId,
    title: paper.title,
    authors: authorsLine(paper.authors),
    authorsCount: countLabel(paper.authorsCount, "author"),
    published: { label: dateLabel(paper.publishedAt, now), instant: paper.publishedAt.toISOString() },
    excerptHtml: paper.abstractExcerptHtml,
    codeUrl: paper.codeUrl,
    votes: paper.votesCount,
    runnable: runnable && { slug: runnable.slug, claims: runnable.claims.map(({ id }) => id) },
  };
}

/** The topics, in their order. */
export function storedTopics(orm: Orm): Promise<{ slug: string; label: string }[]> {
  return orm
    .select({ slug: topicRows.slug, label: topicRows.label })
    .from(topicRows)
    .orderBy(asc(topicRows.position));
}

/** What all lists share: their papers, their filters, their pages. */
async function list(
  site: Site,
  query: URLSearchParams,
  usual: Sort,
  range: { readonly first?: Day; readonly last: Day },
): Promise<{ parameters: ListParameters; view: Omit<FeedView, "heading" | "path" | "kind"> }> {
  const { orm } = site.database;
  const topics = await storedTopics(orm);
  const { parameters, problems } = readListParameters(query, {
    sort: usual,
    known: topics.map(({ slug }) => slug),
  });
  const { page } = parameters;
  const [listing, whole, runnable]: Listing[] = await Promise.all([
    listPapers(orm, range, parameters, { offset: page * PAGE_SIZE, limit: PAGE_SIZE }),
    listPapers(orm, range, { ...parameters, runnable: false }, { offset: 0, limit: 0 }),
    listPapers(orm, range, { ...parameters, runnable: true }, { offset: 0, limit: 0 }),
  ]);
  const now = site.now();
  return {
    parameters,
    view: {
      entries: listing.papers.map((paper, i) => feedEntry(paper, page * PAGE_SIZE + i + 1, now)),
      sort: parameters.sort,
      usualSort: usual,
      topics: topics.map((topic) => ({ ...topic, chosen: parameters.topics.includes(topic.slug) })),
      runnableOnly: parameters.runnable,
      minVotes: parameters.minVotes,
      page,
      pages: Math.max(1, Math.ceil(listing.total / PAGE_SIZE)),
      listed: listing.total,
      total: whole.total,
      runnable: runnable.total,
      notices: problems.map(({ message }) => message),
    },
  };
}

/** The list of a day, a week or a month. */
export async function feedOfPeriod(site: Site, period: Period, query: URLSearchParams): Promise<FeedView> {
  const now = site.now();
  const today = dayOf(now);
  const { first, last } = daysOf(period);
  // Days are compared as text.
  const [until] = [last, today].sort();
  const range = { first, last: until };
  const [{ view }, neighbors] = await Promise.all([
    list(site, query, "top", range),
    nearestDays(site.database.orm, { first, last }, today),
  ]);
  const link = (day: Day | undefined): PeriodLink | undefined => {
    if (day === undefined) return undefined;
    const to = periodOf(period.kind, day);
    return { path: periodPath(to), label: periodLabel(to, now) };
  };
  return {
    ...view,
    kind: period.kind,
    heading: periodHeading(period),
    path: periodPath(period),
    day: until,
    datetime: period.key,
    previous: link(neighbors.previous),
    next: link(neighbors.next),
  };
}

/** All featured papers by the ranking formula. */
export async function trendingFeed(site: Site, query: URLSearchParams): Promise<FeedView> {
  const { view } = await list(site, query, "trending", { last: dayOf(site.now()) });
  return { ...view, kind: "trending", heading: "Trending papers", path: "/papers/trending" };
}
