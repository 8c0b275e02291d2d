import { error } from "@sveltejs/kit";
import { dayOf } from "#lib/days.ts";
import { type Period, parsePeriod, periodOf } from "#lib/periods.ts";
import type { ListView } from "#lib/views.ts";
import { latestDay } from "../papers/listing/query.ts";
import { site } from "../site.ts";
import { periodListView } from "./list-view.ts";

const written: Readonly<Record<Period["kind"], string>> = {
  day: "is not a date. Use the format 2025-12-25.",
  week: "is not an ISO 8601 week. Use the format 2025-W52.",
  month: "is not a month. Use the format 2025-12.",
};

/**
 * The list that an address with a day, week or month asks for; 404 when the calendar has no such period, or the day has
 * not come yet. A week or a month to come is an empty list.
 */
export async function requestedPeriodList(
  kind: Period["kind"],
  text: string,
  query: URLSearchParams,
): Promise<ListView> {
  const opened = await site();
  const period = parsePeriod(kind, text);
  if (!period) error(404, `“${text}” ${written[kind]}`);
  if (kind === "day" && text > dayOf(opened.now())) error(404, `${text} is in the future.`);
  return periodListView(opened, period, query);
}

/** The day, week or month of the most recent papers; of today when there are none. */
export async function latestPeriod(kind: Period["kind"]): Promise<Period> {
  const opened = await site();
  const today = dayOf(opened.now());
  return periodOf(kind, (await latestDay(opened.database.orm, today)) ?? today);
}
