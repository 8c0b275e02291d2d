import { trendingListView } from "#lib/server/pages/list-view.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url }) => ({
  feed: await trendingListView(await site(), url.searchParams),
});
