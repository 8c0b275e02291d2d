import { type Day, dayOf } from "#lib/days.ts";
import {
  daysOf,
  monthOf,
  type Period,
  periodHeading,
  periodLabel,
  periodOf,
  periodPath,
} from "#lib/periods.ts";
import type { ListView, PeriodLink } from "#lib/views.ts";
import { lastIngestion } from "../ingestion/last-ingestion.ts";
import { listEntries } from "../papers/list-entries.ts";
import { PAGE_SIZE, readListParameters, type Sort } from "../papers/listing/parameters.ts";
import { countPapers, listPapers, nearestDays, papersByDay } from "../papers/listing/query.ts";
import { cachedTopics } from "../search/topics/cached-topics.ts";
import type { Site } from "../site.ts";

/** What all lists share: their papers, their filters, their pages. */
async function list(
  site: Pick<Site, "database" | "now">,
  query: URLSearchParams,
  usual: Sort,
  range: { readonly first?: Day; readonly last: Day },
): Promise<Omit<ListView, "heading" | "path" | "kind">> {
  const { orm } = site.database;
  const topics = await cachedTopics(orm);
  const { parameters, problems } = readListParameters(query, {
    sort: usual,
    known: topics.map(({ slug }) => slug),
  });
  const { page } = parameters;
  const now = site.now();
  const [{ papers }, counts, updated] = await Promise.all([
    listPapers(orm, range, parameters, { offset: page * PAGE_SIZE, limit: PAGE_SIZE }),
    countPapers(orm, range, parameters),
    lastIngestion(orm, now),
  ]);
  const total = parameters.runnable ? counts.runnable : counts.all;
  return {
    entries: await listEntries(orm, papers, { first: page * PAGE_SIZE + 1, now, topics }),
    sort: parameters.sort,
    usualSort: usual,
    topics: topics.map((topic) => ({ ...topic, chosen: parameters.topics.includes(topic.slug) })),
    runnableOnly: parameters.runnable,
    minVotes: parameters.minVotes,
    page,
    pages: Math.max(1, Math.ceil(total / PAGE_SIZE)),
    listed: total,
    total: counts.all,
    runnable: counts.runnable,
    notices: problems.map(({ message }) => message),
    updated,
  };
}

/** The list of a day, a week or a month. */
export async function periodListView(
  site: Pick<Site, "database" | "now">,
  period: Period,
  query: URLSearchParams,
): Promise<ListView> {
  const now = site.now();
  const today = dayOf(now);
  const { first, last } = daysOf(period);
  // Days are compared as text.
  const [until] = [last, today].sort();
  const range = { first, last: until };
  const { orm } = site.database;
  const month = daysOf(monthOf(until));
  const [view, neighbors, calendar] = await Promise.all([
    list(site, query, "top", range),
    nearestDays(orm, { first, last }, today),
    papersByDay(orm, { first: month.first, last: [month.last, today].sort()[0] }),
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
    calendar,
    datetime: period.key,
    previous: link(neighbors.previous),
    next: link(neighbors.next),
  };
}

/** All featured papers by the ranking formula. */
export async function trendingListView(
  site: Pick<Site, "database" | "now">,
  query: URLSearchParams,
): Promise<ListView> {
  const view = await list(site, query, "trending", { last: dayOf(site.now()) });
  return { ...view, kind: "trending", heading: "Trending papers", path: "/papers/trending" };
}
