import { pageData } from "#lib/server/pages/page-data.ts";
import { requestedPeriodList } from "#lib/server/pages/period-list.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async (event) =>
  pageData(event, {
    feed: await requestedPeriodList("day", event.params.day, event.url.searchParams),
  });
