import { requestedPeriodList } from "#lib/server/pages/period-list.ts";
import { withOwnMarks } from "#lib/server/pages/with-own-marks.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, url, locals: { person } }) =>
  withOwnMarks(person, {
    feed: await requestedPeriodList("day", params.day, url.searchParams),
  });
