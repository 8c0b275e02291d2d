import { dayOf } from "#lib/days.ts";
import { feedOfPeriod } from "#lib/server/feed.ts";
import { latestDay } from "#lib/server/listing/query.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url }) => {
  const opened = await site();
  const today = dayOf(opened.now());
  const key = (await latestDay(opened.database.orm, today)) ?? today;
  return { feed: await feedOfPeriod(opened, { kind: "day", key }, url.searchParams) };
};
