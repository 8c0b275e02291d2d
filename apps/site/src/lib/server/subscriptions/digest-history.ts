import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";

/** Days that a digest is remembered, and with it that its papers were sent. */
const KEPT_DAYS = 90;
const DAY = 86_400_000;
/** Digests forgotten in one statement, each with at most a hundred papers: the embedded database does nothing else meanwhile. */
const BATCH = 200;

/**
 * Forgets digests of more than 90 days ago and which papers they had: the row of each paper for each reader would soon be
 * most of the database. No paper is sent twice for it, since a digest takes only papers featured after the one before it;
 * only a paper that a moderator features again later than that counts as new.
 *
 * @throws the signal's reason on abort
 */
export async function purgeDigests(
  orm: Orm,
  now: Date,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * DAY).toISOString();
  let forgotten: number;
  do {
    await yieldToEventLoop(signal);
    const result: unknown = await orm.execute(sql`
      with old as (
        delete from digest_runs where (subscription_id, period_key) in (
          select subscription_id, period_key from digest_runs
          where cutoff < ${before}::timestamptz order by cutoff limit ${BATCH}
        ) returning subscription_id, period_key
      ), items as (
        delete from digest_items using old
        where digest_items.subscription_id = old.subscription_id and digest_items.period_key = old.period_key
      )
      select count(*)::int as forgotten from old`);
    [{ forgotten }] = rowsOf<{ forgotten: number }>(result);
  } while (forgotten > 0);
}
