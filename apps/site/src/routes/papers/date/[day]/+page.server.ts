import { error } from "@sveltejs/kit";
import { dayOf, parseDay } from "#lib/days.ts";
import { feedOfDay } from "#lib/server/feed.ts";
import { site } from "#lib/server/site.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, url }) => {
  const opened = await site();
  const day = parseDay(params.day);
  if (!day) error(404, `“${params.day}” is not a day of the calendar. Days are written like 2025-12-25.`);
  if (day > dayOf(opened.now())) error(404, `${day} has not come yet.`);
  return { feed: await feedOfDay(opened, day, url.searchParams) };
};
