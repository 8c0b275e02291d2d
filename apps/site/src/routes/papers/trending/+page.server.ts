import { trendingListView } from "#lib/server/pages/list-view.ts";
import { withOwnMarks } from "#lib/server/pages/with-own-marks.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url, locals: { person } }) =>
  withOwnMarks(person, {
    feed: await trendingListView(await site(), url.searchParams),
  });
