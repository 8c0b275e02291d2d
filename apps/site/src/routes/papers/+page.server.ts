import { periodListView, trendingListView } from "#lib/server/pages/list-view.ts";
import { pageData } from "#lib/server/pages/page-data.ts";
import { latestPeriod } from "#lib/server/pages/period-list.ts";
import { searchView } from "#lib/server/pages/search-view.ts";
import { isFollowed } from "#lib/server/people/follows.ts";
import { requestPipeline } from "#lib/server/request-pipeline.ts";
import { foundField } from "#lib/server/search/logged-search.ts";
import { normalizeQuery } from "#lib/server/search/normalize.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) => {
  const { url, locals, setHeaders } = event;
  const { person, stamp } = locals;
  const opened = await site();
  const query = url.searchParams.get("q");
  if (query !== null) {
    // An empty search is the trending list.
    if (!normalizeQuery(query).text)
      return pageData(event, { feed: await trendingListView(opened, url.searchParams) });
    const kept = stamp ?? (await (await requestPipeline()).pages.stamp());
    const result = await searchView(opened, url.searchParams, kept);
    setHeaders(foundField(result.total));
    const followed = person && (await isFollowed(opened.database.orm, person.id, result.text));
    return pageData(event, { result, followed });
  }
  const feed = await periodListView(opened, await latestPeriod("day"), url.searchParams);
  return pageData(event, { feed });
};
