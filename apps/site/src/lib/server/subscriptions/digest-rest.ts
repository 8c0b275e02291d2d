import { type Day, dayOf } from "#lib/days.ts";
import { type Period, periodHeading, periodOf, periodPath } from "#lib/periods.ts";
import type { SubscriptionChoices } from "../database/schema/index.ts";
import { MOST_LISTED_TOPICS } from "../papers/listing/parameters.ts";

const DAY = 86_400_000;
/** Lists that a digest names at most. */
const MOST_LISTS = 2;
/** Days beyond which no two months are. */
const MOST_DAYS = 62;

/** A page that lists papers. */
export interface ListLink {
  /** "the papers of Thursday, December 25, 2025". */
  readonly label: string;
  readonly url: string;
}

/** The days of UTC after an instant up to another. */
function daysBetween(since: Date, until: Date): Day[] {
  const days: Day[] = [];
  const last = dayOf(until);
  for (let at = Date.parse(dayOf(since)); dayOf(new Date(at)) <= last; at += DAY)
    days.push(dayOf(new Date(at)));
  return days;
}

/** The fewest and smallest periods that have all days of an interval: at most two; nothing where it is too long. */
function periodsOf(since: Date, until: Date): Period[] {
  if (until.getTime() - since.getTime() > MOST_DAYS * DAY) return [];
  const days = daysBetween(since, until);
  for (const kind of ["day", "week", "month"] as const) {
    const periods = new Map(days.map((day) => periodOf(kind, day)).map((period) => [period.key, period]));
    if (periods.size <= MOST_LISTS) return [...periods.values()];
  }
  return [];
}

/**
 * The lists of the site that have all papers featured after `since` up to `due` that some choices want. They are narrowed
 * by topics where nothing else is chosen: no list has the papers of a topic or a keyword.
 */
export function listsOf(
  { topics, keywords, minVotes }: Pick<SubscriptionChoices, "topics" | "keywords" | "minVotes">,
  { since, due, origin }: { readonly since: Date; readonly due: Date; readonly origin: string },
): ListLink[] {
  const narrowed = keywords.length === 0 && topics.length <= MOST_LISTED_TOPICS ? topics : [];
  const parameters = new URLSearchParams(narrowed.map((slug) => ["topic", slug]));
  if (minVotes > 0) parameters.set("min_votes", String(minVotes));
  const query = parameters.size > 0 ? `?${parameters}` : "";
  const periods = periodsOf(since, due);
  const lists = periods.map((period) => ({
    label: `the papers of ${periodHeading(period).replace("Week", "week")}`,
    path: periodPath(period),
  }));
  if (lists.length === 0) lists.push({ label: "the trending papers", path: "/papers/trending" });
  return lists.map(({ label, path }) => ({ label, url: `${origin}${path}${query}` }));
}
