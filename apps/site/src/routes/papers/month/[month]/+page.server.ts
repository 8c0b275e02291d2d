import { requestedPeriodList } from "#lib/server/pages/period-list.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, url }) => ({
  feed: await requestedPeriodList("month", params.month, url.searchParams),
});
