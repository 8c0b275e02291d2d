import type { Orm } from "./connect.ts";

/** Begun at most so often: each time another transaction has been kept meanwhile. */
const MOST_TRIES = 5;
/** A unique key that another transaction took first, and a deadlock that this one was chosen to end (SQLSTATE). */
const LOST_RACE = new Set(["23505", "40P01"]);

function hasLostRace(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++)
    if ("code" in cause && typeof cause.code === "string" && LOST_RACE.has(cause.code)) return true;
  return false;
}

/**
 * Runs a transaction, and anew after another that ran at the same time took what it was about to take: then it finds what
 * that one has left. `work` may do nothing that a rollback does not undo.
 *
 * @throws what `work` throws for any other reason, or at the last try
 */
export async function retriedTransaction<T>(orm: Orm, work: (transaction: Orm) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await orm.transaction(work);
    } catch (error) {
      if (tries === MOST_TRIES || !hasLostRace(error)) throw error;
    }
  }
}
