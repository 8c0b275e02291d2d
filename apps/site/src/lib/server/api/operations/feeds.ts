import { z } from "zod";
import { ATOM_TYPE, atom } from "../../feeds/atom.ts";
import { buildFeed, feedViews } from "../../feeds/build-feed.ts";
import type { Feed } from "../../feeds/feed.ts";
import { JSON_FEED_TYPE, jsonFeed } from "../../feeds/json-feed.ts";
import { lastModifiedTimes } from "../../feeds/last-modified.ts";
import { RSS_TYPE, rss } from "../../feeds/rss.ts";
import { searchSorts } from "../../search/search-results.ts";
import { operation } from "../operation.ts";
import { choice, limit, minVotes, runnable, searchText, topic } from "../parameters.ts";

const USUAL_LIMIT = 50;

const query = z.object({
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

const modifiedAt = lastModifiedTimes();

function feedOperation(
  id: string,
  file: string,
  {
    name,
    type,
    write,
  }: { readonly name: string; readonly type: string; readonly write: (feed: Feed) => string },
) {
  return operation({
    id,
    tag: "Feeds",
    path: file,
    summary: `${name} feed`,
    description:
      `A list, or the results for \`q\`, as ${name}. Item IDs are stable; votes change neither items nor their dates. ` +
      "An empty list is a valid feed.",
    statuses: [400],
    parameters: { path: z.object({}), query },
    result: { type, words: `A feed in ${name}.` },
    async handle({ site, url, query: asked }) {
      const feed = await buildFeed(site, asked, { origin: url.origin, file, usualLimit: USUAL_LIMIT });
      const body = write(feed);
      const modified = modifiedAt(feed.feedUrl, body, site.now());
      // A search ends in time, with fewer papers where much else goes on.
      return {
        body,
        headers: { "Last-Modified": modified.toUTCString() },
        shortLived: asked.q !== undefined,
      };
    },
  });
}

/** The feed in Atom 1.0. */
export const atomFeed = feedOperation("atomFeed", "/feed.atom", {
  name: "Atom",
  type: ATOM_TYPE,
  write: atom,
});

/** The feed in RSS 2.0. */
export const rssFeed = feedOperation("rssFeed", "/feed.rss", { name: "RSS", type: RSS_TYPE, write: rss });

/** The feed in JSON Feed 1.1. */
export const jsonFeedOperation = feedOperation("jsonFeed", "/feed.json", {
  name: "JSON Feed",
  type: JSON_FEED_TYPE,
  write: jsonFeed,
});
