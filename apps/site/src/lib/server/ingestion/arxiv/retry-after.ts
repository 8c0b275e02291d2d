/** Milliseconds; longer than this nobody is asked to wait in earnest. */
export const LONGEST_WAIT = 24 * 3_600_000;

/** Milliseconds that a `Retry-After` field asks to wait (seconds or a date), at most a day; undefined without one. */
export function retryAfter(field: string | null, now: Date): number | undefined {
  const text = field?.trim() ?? "";
  if (text === "") return undefined;
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT);
}
