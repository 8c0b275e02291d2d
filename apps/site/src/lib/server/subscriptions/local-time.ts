import type { Day } from "#lib/days.ts";
import { weekOf } from "#lib/periods.ts";
import type { SubscriptionChoices } from "../database/schema/index.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** More than any zone is away from UTC. */
const FARTHEST = 26 * HOUR;
/** In this many days a weekly digest is due exactly once, in every time zone. */
const DAYS_AHEAD = 16;

/** By names in small letters: each has more spellings than a server has room for. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const name = zone.toLowerCase();
  const known = formats.get(name);
  if (known) return known;
  const part = "2-digit";
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" },
    ...{ year: "numeric", month: part, day: part, hour: part, minute: part, second: part },
  });
  formats.set(name, format);
  return format;
}

/** Whether a name is that of a zone of the IANA database. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant, as if they showed UTC. */
function shown(zone: string, instant: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const { year, month, day } = { year: part("year"), month: part("month"), day: part("day") };
  return Date.UTC(year, month - 1, day, part("hour"), part("minute"), part("second"));
}

/** Milliseconds by which a zone's clocks are ahead of UTC. */
const aheadAt = (zone: string, instant: number) => shown(zone, instant) - Math.floor(instant / 1000) * 1000;

/** The day of a zone's calendar at an instant. */
export function localDay(instant: Date, zone: string): Day {
  return new Date(shown(zone, instant.getTime())).toISOString().slice(0, 10);
}

/**
 * The instant at which a zone's clocks show an hour of a day: the first where they show it twice. Where they never do, it
 * is the first after the gap, or the last second before it where the day ends in the gap.
 */
export function localInstant(day: Day, hour: number, zone: string): Date {
  const wanted = Date.parse(`${day}T00:00:00Z`) + hour * HOUR;
  const [before, after] = [wanted - FARTHEST, wanted + FARTHEST].map((instant) => aheadAt(zone, instant));
  const first = wanted - Math.max(before, after);
  const found = [first, wanted - Math.min(before, after)].find((instant) => shown(zone, instant) === wanted);
  if (found !== undefined) return new Date(found);
  // Clocks jump over the hour: before the jump they show less, after it more.
  let [low, high] = [first - DAY, wanted - Math.min(before, after)];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (shown(zone, middle) < wanted) low = middle;
    else high = middle;
  }
  return new Date(
    localDay(new Date(high), zone) !== day && localDay(new Date(low), zone) === day ? low : high,
  );
}

/** When a digest is due. */
export type Schedule = Pick<SubscriptionChoices, "cadence" | "hour" | "weekday" | "tz">;

/** The first instant after `after` at which a digest is due. */
export function nextDue({ cadence, hour, weekday, tz }: Schedule, after: Date): Date {
  const start = Date.parse(`${localDay(after, tz)}T00:00:00Z`) - DAY;
  for (let i = 0; i < DAYS_AHEAD; i++) {
    const date = new Date(start + i * DAY);
    if (cadence === "weekly" && (date.getUTCDay() || 7) !== weekday) continue;
    const day = date.toISOString().slice(0, 10);
    const due = localInstant(day, hour, tz);
    // A day that a zone left out has no digest beside that of the next day.
    if (cadence === "daily" && localDay(due, tz) !== day) continue;
    if (due > after) return due;
  }
  throw new Error(`no digest is due within ${DAYS_AHEAD} days in ${tz}`);
}

/** The last two instants up to `now` at which a digest was due, the earlier one first. */
export function lastDue(schedule: Schedule, now: Date): readonly [Date, Date] {
  const days = schedule.cadence === "daily" ? 4 : 22;
  let earlier = nextDue(schedule, new Date(now.getTime() - days * DAY));
  let last = nextDue(schedule, earlier);
  for (let next = nextDue(schedule, last); next <= now; next = nextDue(schedule, last))
    [earlier, last] = [last, next];
  return [earlier, last];
}

/** What distinguishes a digest from others: the local day on which it is due, or that day's ISO week. */
export function periodKey({ cadence, tz }: Pick<Schedule, "cadence" | "tz">, due: Date): string {
  const day = localDay(due, tz);
  return cadence === "daily" ? day : weekOf(day).key;
}

/** Whether a key of `periodKey` names a week. */
export const isWeekly = (period: string): boolean => period.includes("W");
