import { feedOfPeriod, trendingFeed } from "#lib/server/feed.ts";
import { latestPeriod } from "#lib/server/feed-address.ts";
import { normalizeQuery } from "#lib/server/search/normalize.ts";
import { searchFeed } from "#lib/server/search-feed.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url }) => {
  const opened = await site();
  const query = url.searchParams.get("q");
  if (query !== null) {
    // An empty search is the trending list.
    if (!normalizeQuery(query).text) return { feed: await trendingFeed(opened, url.searchParams) };
    return { result: await searchFeed(opened, url.searchParams) };
  }
  return { feed: await feedOfPeriod(opened, await latestPeriod("day"), url.searchParams) };
};
