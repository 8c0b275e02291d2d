import { sql } from "drizzle-orm";

/** What a failed run leaves in the queue: nothing that a person wrote. */
export class JobError extends Error {
  override name = "JobError";
  /** When it failed: the queue itself notes that only of runs that it does not try again. */
  readonly at = new Date().toISOString();
}

/** When a row of the queue ended, or the try before the one under way did; null where nothing noted that. */
export const ENDED = sql`coalesce(completed_on, (output->>'at')::timestamptz)`;
