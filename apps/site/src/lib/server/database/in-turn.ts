import { sql } from "drizzle-orm";
import type { Database } from "./connect.ts";

/** One lock for all processes that start on one database at the same time. */
const START_LOCK = 7_236_433;

/**
 * Does what a start writes while no other process that starts on the same database does so: one after the other, they
 * find what the first has written. Only one process has the embedded database.
 */
export function inTurn<T>(
  { embedded, orm }: Pick<Database, "embedded" | "orm">,
  work: () => Promise<T>,
): Promise<T> {
  if (embedded) return work();
  return orm.transaction(async (transaction) => {
    await transaction.execute(sql`select pg_advisory_xact_lock(${START_LOCK})`);
    return work();
  });
}
