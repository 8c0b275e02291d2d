import { dayOf } from "#lib/days.ts";
import { feedOfDay } from "#lib/server/feed.ts";
import { latestDay } from "#lib/server/papers.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url }) => {
  const opened = await site();
  const today = dayOf(opened.now());
  const day = (await latestDay(opened.database.orm, today)) ?? today;
  return { feed: await feedOfDay(opened, day, url.searchParams) };
};
