import { FIRST_HOURS, type subscriptions } from "../database/schema/index.ts";

const HOUR = 3_600_000;

/** What says from when on the papers of a subscription's next digest are. */
export type Begin = Pick<typeof subscriptions.$inferSelect, "lastCutoff" | "cadence" | "confirmedAt">;

/**
 * From when on the papers of a digest are that ends at `cutoff`: the end of the one before. The first begins a day or a
 * week before its end, and earlier where the subscription has waited longer for it, such as one that was weekly meanwhile.
 */
export function beginOf({ lastCutoff, cadence, confirmedAt }: Begin, cutoff: Date): Date {
  if (lastCutoff) return lastCutoff;
  const usual = new Date(cutoff.getTime() - FIRST_HOURS[cadence] * HOUR);
  return confirmedAt && confirmedAt < usual ? confirmedAt : usual;
}
