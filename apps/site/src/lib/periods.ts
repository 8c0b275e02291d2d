import { type Day, dateLabel, dayHeading, FIRST_YEAR, LAST_YEAR, MONTH_NAMES, parseDay } from "./days.ts";

/** A span of days that has a page: a day, an ISO week (`2026-W53`) or a month (`2025-12`). */
export interface Period {
  readonly kind: "day" | "week" | "month";
  readonly key: string;
}

const DAY = 86_400_000;

const instant = (day: Day) => Date.parse(`${day}T00:00:00Z`);
const dayAt = (milliseconds: number): Day => new Date(milliseconds).toISOString().slice(0, 10);
const inYears = (year: number) => year >= FIRST_YEAR && year <= LAST_YEAR;

/** Monday of the first ISO week of a year: the week that has January 4. */
function firstMonday(year: number): number {
  const fourth = Date.UTC(year, 0, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
}

/** The ISO week that a day is in (ISO 8601: the year is that of the week's Thursday). */
export function weekOf(day: Day): Period {
  const thursday = instant(day) + (3 - ((new Date(instant(day)).getUTCDay() + 6) % 7)) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  const number = 1 + Math.floor((thursday - firstMonday(year)) / (7 * DAY));
  return { kind: "week", key: `${year}-W${String(number).padStart(2, "0")}` };
}

/** The month that a day is in. */
export function monthOf(day: Day): Period {
  return { kind: "month", key: day.slice(0, 7) };
}

/** The period of `kind` that a day is in. */
export function periodOf(kind: Period["kind"], day: Day): Period {
  if (kind === "week") return weekOf(day);
  return kind === "month" ? monthOf(day) : { kind, key: day };
}

/**
 * Reads `2025-12-25`, `2026-W53` or `2025-12` in ASCII digits, of the years 1991 to 2100. Undefined for what the
 * calendar does not have, such as `2025-02-29` and `2025-W53`.
 */
export function parsePeriod(kind: Period["kind"], text: string): Period | undefined {
  if (kind === "day") return parseDay(text) === undefined ? undefined : { kind, key: text };
  const match = /^([0-9]{4})-(W?)([0-9]{2})$/.exec(text);
  if (!match || (match[2] === "W") !== (kind === "week")) return undefined;
  const [year, number] = [Number(match[1]), Number(match[3])];
  if (!inYears(year) || number < 1) return undefined;
  if (kind === "month") return number <= 12 ? { kind, key: text } : undefined;
  const monday = firstMonday(year) + (number - 1) * 7 * DAY;
  return monday < firstMonday(year + 1) ? { kind, key: text } : undefined;
}

/** The first and the last day of a period. */
export function daysOf({ kind, key }: Period): { readonly first: Day; readonly last: Day } {
  if (kind === "day") return { first: key, last: key };
  const year = Number(key.slice(0, 4));
  if (kind === "week") {
    const monday = firstMonday(year) + (Number(key.slice(6)) - 1) * 7 * DAY;
    return { first: dayAt(monday), last: dayAt(monday + 6 * DAY) };
  }
  const month = Number(key.slice(5));
  return { first: `${key}-01`, last: dayAt(Date.UTC(year, month, 0)) };
}

/** Where a period's page is. */
export function periodPath({ kind, key }: Period): string {
  return `/papers/${kind === "day" ? "date" : kind}/${key}`;
}

/** A period as a heading: `Thursday, December 25, 2025`, `Week 52 of 2025`, `December 2025`. */
export function periodHeading({ kind, key }: Period): string {
  if (kind === "day") return dayHeading(key);
  if (kind === "week") return `Week ${Number(key.slice(6))} of ${key.slice(0, 4)}`;
  return `${MONTH_NAMES[Number(key.slice(5)) - 1]} ${key.slice(0, 4)}`;
}

/** A period in a link, short: `Dec 24`, `week 51`, `November`, with the year when it is not the current one. */
export function periodLabel({ kind, key }: Period, now: Date): string {
  if (kind === "day") return dateLabel(new Date(instant(key)), now);
  const year = key.slice(0, 4);
  const name = kind === "week" ? `week ${Number(key.slice(6))}` : MONTH_NAMES[Number(key.slice(5)) - 1];
  return Number(year) === now.getUTCFullYear() ? name : `${name}${kind === "week" ? " of" : ""} ${year}`;
}
