import { and } from "drizzle-orm";
import { dayOf } from "#lib/days.ts";
import { daysOf, monthOf, type Period, periodPath, weekOf } from "#lib/periods.ts";
import type { Orm } from "../database/connect.ts";
import { Problem } from "../http/problem.ts";
import {
  checkTopics,
  filterCondition,
  listFromOffset,
  type PaperFilters,
} from "../papers/listing/paper-queries.ts";
import { type PaperSummary, paperSummaries } from "../papers/listing/paper-rows.ts";
import type { Sort } from "../papers/listing/parameters.ts";
import { featured, latestDay } from "../papers/listing/query.ts";
import { findPapers, type SearchSort } from "../search/search-results.ts";
import { topicsByPaper } from "../search/topics/paper-topics.ts";
import type { Site } from "../site.ts";
import { type Feed, feedItem } from "./feed.ts";

/** The lists that have a feed. */
export const feedViews = ["day", "week", "month", "trending", "new"] as const;
export type FeedView = (typeof feedViews)[number];

/** What of the site a feed is read from. */
export type FeedSource = Pick<Site, "database" | "now" | "model">;

/** What a feed is asked for. */
export interface FeedQuery extends PaperFilters {
  readonly view: FeedView;
  readonly q?: string;
  readonly sort?: Sort | SearchSort;
  readonly limit: number;
}

const titles: Readonly<Record<FeedView, string>> = {
  day: "Daily papers",
  week: "Papers of the week",
  month: "Papers of the month",
  trending: "Trending papers",
  new: "New papers",
};

function periodOfView(view: FeedView, day: string): Period | undefined {
  if (view === "day") return { kind: "day", key: day };
  if (view === "week") return weekOf(day);
  return view === "month" ? monthOf(day) : undefined;
}

async function listed(orm: Orm, query: FeedQuery, today: string): Promise<PaperSummary[]> {
  const { view, limit } = query;
  const day = (await latestDay(orm, today)) ?? today;
  const period = periodOfView(view, day);
  const range = period ? { first: daysOf(period).first, last: day } : { last: today };
  const usual = period ? "top" : view === "trending" ? "trending" : "new";
  const sort = query.sort ?? usual;
  if (sort === "relevance")
    throw new Problem("invalid_parameter", "“sort” can be relevance only with “q”.", "sort");
  return listFromOffset(orm, and(featured(range), filterCondition(query)), { sort, limit, offset: 0 });
}

/** The papers of a feed with their topics, read in one snapshot, so that what is stored meanwhile cannot part them. */
async function contents(site: FeedSource, query: FeedQuery) {
  const today = dayOf(site.now());
  // Read before: the embedded database has one connection, which the snapshot takes.
  const model = query.q === undefined ? undefined : await site.model();
  return site.database.orm.transaction(
    async (orm) => {
      await checkTopics(orm, query.topic);
      let papers: PaperSummary[];
      let found: number | undefined;
      if (query.q === undefined) papers = await listed(orm, query, today);
      else {
        if (query.sort === "top")
          throw new Problem(
            "invalid_parameter",
            "“sort” must be relevance, trending or new with “q”.",
            "sort",
          );
        const { sort = "relevance", limit } = query;
        const asked = { text: query.q, model };
        const { ids, total } = await findPapers(orm, asked, filterCondition(query), { sort, limit });
        papers = await paperSummaries(orm, ids);
        found = total;
      }
      return {
        papers,
        found,
        topics: await topicsByPaper(
          orm,
          papers.map(({ id }) => id),
        ),
      };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** The parameters that tell one feed from another, in one order. */
function parametersOf(
  { view, q, sort, topic, runnable, min_votes: votes, limit }: FeedQuery,
  usualLimit: number,
) {
  const parameters = new URLSearchParams();
  if (q === undefined) parameters.set("view", view);
  else parameters.set("q", q);
  if (sort !== undefined) parameters.set("sort", sort);
  for (const slug of [...topic].sort()) parameters.append("topic", slug);
  if (runnable === "1") parameters.set("runnable", "1");
  if (votes > 0) parameters.set("min_votes", String(votes));
  if (limit !== usualLimit) parameters.set("limit", String(limit));
  return parameters;
}

/** The page that shows the same list. */
function pageOf(parameters: URLSearchParams, { view, q, sort }: FeedQuery, day: string): string {
  const shown = new URLSearchParams(parameters);
  shown.delete("limit");
  shown.delete("view");
  let path = "/papers";
  if (q === undefined) {
    const period = view === "day" ? undefined : periodOfView(view, day);
    if (period) path = periodPath(period);
    else if (view !== "day") path = "/papers/trending";
    if (view === "new" && sort === undefined) shown.set("sort", "new");
  }
  return `${path}${shown.size > 0 ? `?${shown}` : ""}`;
}

function describe({ view, q, topic, runnable, min_votes: votes }: FeedQuery) {
  const title = q === undefined ? titles[view] : `Papers on “${q}”`;
  const narrowed = [
    topic.length > 0 && `on ${topic.join(" or ")}`,
    runnable === "1" && "that run",
    votes > 0 && `with at least ${votes} ${votes === 1 ? "vote" : "votes"}`,
  ].filter(Boolean);
  return {
    title: `gradus · ${[title, ...narrowed].join(", ")}`,
    description: "Papers on learning and optimization, with claims that are measured in your browser.",
  };
}

export interface FeedOptions {
  /** Where the site is. */
  readonly origin: string;
  /** The file that is asked for, such as `/feed.atom`. */
  readonly file: string;
  /** Papers when no number is asked for. */
  readonly usualLimit: number;
}

/**
 * The feed of a list or a search.
 *
 * @throws Problem when a topic or an order does not exist
 */
export async function buildFeed(
  site: FeedSource,
  query: FeedQuery,
  { origin, file, usualLimit }: FeedOptions,
): Promise<Feed> {
  const { papers, topics, found } = await contents(site, query);
  const parameters = parametersOf(query, usualLimit);
  const day = papers[0]?.featuredOn ?? dayOf(site.now());
  return {
    id: `tag:${new URL(origin).hostname},2025:feed:${parameters}`,
    ...describe(query),
    pageUrl: `${origin}${pageOf(parameters, query, day)}`,
    feedUrl: `${origin}${file}?${parameters}`,
    found,
    items: papers.map((paper) => feedItem(paper, topics.get(paper.id) ?? [], origin)),
  };
}
