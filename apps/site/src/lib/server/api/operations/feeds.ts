import { createRoute } from "@hono/zod-openapi";
import { ATOM_TYPE, atom } from "../../feeds/atom.ts";
import { buildFeed, feedViews } from "../../feeds/build-feed.ts";
import type { Feed } from "../../feeds/feed.ts";
import { JSON_FEED_TYPE, jsonFeed } from "../../feeds/json-feed.ts";
import { lastModifiedTimes } from "../../feeds/last-modified.ts";
import { RSS_TYPE, rss } from "../../feeds/rss.ts";
import { foundField } from "../../search/logged-search.ts";
import { searchSorts } from "../../search/search-results.ts";
import { answer, text } from "../answer.ts";
import { newApi } from "../context.ts";
import { choice, limit, minVotes, query, runnable, searchText, topic } from "../parameters.ts";
import { responses } from "../responses.ts";

const USUAL_LIMIT = 50;

const feedQuery = query({
  view: choice("view", feedViews).default("new").meta({
    description:
      "`day`, `week` or `month`: that of the latest day with papers; `trending`; or `new`: all featured papers, the latest first.",
  }),
  q: searchText.optional(),
  sort: choice("sort", ["top", ...searchSorts])
    .optional()
    .meta({
      description: "Another order than the usual one of the list; `relevance` is the usual one of a search.",
    }),
  topic,
  runnable,
  min_votes: minVotes,
  limit,
});

interface Format {
  readonly file: `/feed.${string}`;
  readonly operationId: string;
  readonly name: string;
  readonly summary: string;
  readonly type: string;
  readonly write: (feed: Feed) => string;
}

const formats: readonly Format[] = [
  {
    file: "/feed.atom",
    operationId: "atomFeed",
    name: "Atom",
    summary: "Get an Atom feed",
    type: ATOM_TYPE,
    write: atom,
  },
  {
    file: "/feed.rss",
    operationId: "rssFeed",
    name: "RSS",
    summary: "Get an RSS feed",
    type: RSS_TYPE,
    write: rss,
  },
  {
    file: "/feed.json",
    operationId: "jsonFeed",
    name: "JSON Feed",
    summary: "Get a JSON feed",
    type: JSON_FEED_TYPE,
    write: jsonFeed,
  },
];

const modifiedAt = lastModifiedTimes();

/** The feeds in Atom 1.0, RSS 2.0 and JSON Feed 1.1. */
export const feedsApi = newApi();

for (const { file, operationId, name, summary, type, write } of formats) {
  const route = createRoute({
    method: "get",
    path: file,
    operationId,
    tags: ["Feeds"],
    summary,
    description:
      `A list, or the results for \`q\`, as ${name}. Item IDs are stable; votes change neither items nor their dates. ` +
      "An empty list is a valid feed.",
    request: { query: feedQuery },
    // Machines that many readers share fetch feeds.
    responses: responses({ type, words: `The feed as ${name}.` }, { statuses: [400], limited: false }),
  });
  feedsApi.openapi(route, (context) =>
    answer(context, async ({ site, url }) => {
      const asked = context.req.valid("query");
      const feed = await buildFeed(site, asked, { origin: url.origin, file, usualLimit: USUAL_LIMIT });
      const body = write(feed);
      const modified = modifiedAt(feed.feedUrl, body, site.now());
      return text(type, body, {
        headers: {
          "Last-Modified": modified.toUTCString(),
          ...(feed.found === undefined ? {} : foundField(feed.found)),
        },
        // A search ends in time, with fewer papers where much else goes on.
        shortLived: asked.q !== undefined,
      });
    }),
  );
}
