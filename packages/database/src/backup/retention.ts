/** How many backups to keep. */
export interface Retention {
  /** The newest of all, whenever they were made: one made after a failure does not take the place of the one before. */
  readonly newest: number;
  /** Days (UTC) with a backup whose last one is kept, counted from the newest. */
  readonly days: number;
  /** Weeks (Monday to Sunday, UTC) with a backup whose last one is kept. */
  readonly weeks: number;
}

const DAY = 86_400_000;
/** 1970-01-05 was the first Monday after the epoch. */
const FIRST_MONDAY = 4 * DAY;

/** The last of each period, newest period first. */
function lastOfEach(newestFirst: readonly Date[], length: number, origin: number): Date[] {
  const last = new Map<number, Date>();
  for (const time of newestFirst) {
    const period = Math.floor((time.getTime() - origin) / length);
    if (!last.has(period)) last.set(period, time);
  }
  return [...last.values()];
}

/** The times of backups that are no longer kept, newest first. */
export function expiredBackups(
  times: readonly Date[],
  { newest, days, weeks }: Retention = { newest: 3, days: 7, weeks: 4 },
): Date[] {
  const newestFirst = times.toSorted((a, b) => b.getTime() - a.getTime());
  const kept = new Set([
    ...newestFirst.slice(0, newest),
    ...lastOfEach(newestFirst, DAY, 0).slice(0, days),
    ...lastOfEach(newestFirst, 7 * DAY, FIRST_MONDAY).slice(0, weeks),
  ]);
  return newestFirst.filter((time) => !kept.has(time));
}
