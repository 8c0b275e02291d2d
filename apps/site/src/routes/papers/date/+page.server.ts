import { redirect } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

/** Where the calendar's form leads: to the day's own page, which says so when there is no such day. */
export const load: PageServerLoad = ({ url }) => {
  const day = url.searchParams.get("day");
  redirect(303, day ? `/papers/date/${encodeURIComponent(day)}` : "/papers");
};
