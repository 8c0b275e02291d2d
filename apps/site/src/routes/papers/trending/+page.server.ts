import { trendingFeed } from "#lib/server/feed.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url }) => ({
  feed: await trendingFeed(await site(), url.searchParams),
});
