/** A calendar day in UTC, written `YYYY-MM-DD`. */
export type Day = string;

/** The years that have pages. */
export const FIRST_YEAR = 1991;
export const LAST_YEAR = 2100;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** The months, from January. */
export const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The day of `text`, or undefined when it is not a real calendar day between 1991 and 2100 in ASCII digits. */
export function parseDay(text: string): Day | undefined {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, date] = match.slice(1).map(Number);
  if (year < FIRST_YEAR || year > LAST_YEAR) return undefined;
  const instant = new Date(Date.UTC(year, month - 1, date));
  return instant.getUTCMonth() === month - 1 && instant.getUTCDate() === date ? text : undefined;
}

/** The UTC day of an instant. */
export function dayOf(instant: Date): Day {
  return instant.toISOString().slice(0, 10);
}

/**
 * A date as lists print it: `Jun 16` within the current UTC year, else `Jun 16, 2025`. Everything is UTC, so the
 * server and every browser print the same text.
 */
export function dateLabel(instant: Date, now: Date): string {
  const label = `${MONTHS[instant.getUTCMonth()]} ${instant.getUTCDate()}`;
  return instant.getUTCFullYear() === now.getUTCFullYear() ? label : `${label}, ${instant.getUTCFullYear()}`;
}

/** A date as a paper's page prints it, with its year in every year: `Jun 16, 2025`. */
export function fullDateLabel(instant: Date): string {
  return `${MONTHS[instant.getUTCMonth()]} ${instant.getUTCDate()}, ${instant.getUTCFullYear()}`;
}

/** An instant to the minute, in UTC: `Jun 16, 14:05 UTC`. One that has begun counts as the next. */
export function minuteLabel(instant: Date): string {
  const up = new Date(Math.ceil(instant.getTime() / 60_000) * 60_000);
  return `${MONTHS[up.getUTCMonth()]} ${up.getUTCDate()}, ${up.toISOString().slice(11, 16)} UTC`;
}

/** A date in full: `June 16, 2025`. */
export function longDate(instant: Date): string {
  return `${MONTH_NAMES[instant.getUTCMonth()]} ${instant.getUTCDate()}, ${instant.getUTCFullYear()}`;
}

/** A day as a heading: `Thursday, December 25, 2025`. */
export function dayHeading(day: Day): string {
  const instant = new Date(`${day}T00:00:00Z`);
  return `${WEEKDAYS[instant.getUTCDay()]}, ${longDate(instant)}`;
}

/** `1 author`, `3 authors`. */
export function countLabel(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** How long ago, coarsely: `just now`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function ago(instant: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - instant.getTime()) / 1000);
  if (seconds < 45) return "just now";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  return `${countLabel(Math.round(hours / 24), "day")} ago`;
}

/** How long until an instant, as coarsely: `in a moment`, `in 5 min`, `in 3 h`. */
export function until(instant: Date, now: Date): string {
  const minutes = Math.round(Math.max(0, (instant.getTime() - now.getTime()) / 60_000));
  if (minutes < 1) return "in a moment";
  return minutes < 60 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`;
}
