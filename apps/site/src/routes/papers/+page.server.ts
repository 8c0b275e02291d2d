import { dayOf } from "#lib/days.ts";
import { feedOfPeriod, trendingFeed } from "#lib/server/feed.ts";
import { latestDay } from "#lib/server/listing/query.ts";
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
  const today = dayOf(opened.now());
  const key = (await latestDay(opened.database.orm, today)) ?? today;
  return { feed: await feedOfPeriod(opened, { kind: "day", key }, url.searchParams) };
};
