import { trendingListView } from "#lib/server/pages/list-view.ts";
import { pageData } from "#lib/server/pages/page-data.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) =>
  pageData(event, {
    feed: await trendingListView(await site(), event.url.searchParams),
  });
