import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import type { Timing } from "../timing.ts";
import { LONGEST_WAIT } from "./retry-after.ts";

/** A turn to send one request. */
export interface Turn {
  /** Ends the turn; the next one begins after this many milliseconds. */
  end(pause: number): Promise<void>;
}

/** Another process has the turn, or arXiv wants no request for longer than the caller can wait. */
export class TurnTakenError extends Error {
  override readonly name = "TurnTakenError";
}

export interface TurnOptions {
  readonly timing: Timing;
  readonly signal?: AbortSignal;
  /** Milliseconds that the caller waits at most; as long as it takes when undefined. */
  readonly patience?: number;
}

/** One key for all of arXiv's hosts: its limit is on all requests together. */
export const HOST = "arxiv.org";
/** After this long, the holder of a turn must have died: requests take at most a third of it. */
const LEASE = 30_000;
/** What is noted further ahead than it can be, by more than clocks differ, is from a clock that was set back since. */
const DIFFERENCE = 60_000;
/** Milliseconds between looks while another process has the turn. */
const LOOK = 1000;

/**
 * Waits for this process's turn to ask arXiv: over all processes that share the database, one at a time. The clocks of
 * machines that share a server must agree to a second.
 *
 * @throws TurnTakenError when that would take longer than the caller's patience
 */
export async function takeTurn(orm: Orm, { timing, signal, patience }: TurnOptions): Promise<Turn> {
  const holder = randomUUID();
  const begun = timing.now().getTime();
  await orm.execute(sql`
    insert into request_turns (host, next_at) values (${HOST}, ${new Date(begun).toISOString()}::text::timestamptz)
    on conflict do nothing`);
  for (;;) {
    signal?.throwIfAborted();
    const now = timing.now();
    const after = (milliseconds: number) =>
      sql`${new Date(now.getTime() + milliseconds).toISOString()}::text::timestamptz`;
    const instant = after(0);
    const taken = rowsOf(
      await orm.execute(sql`
        update request_turns set holder = ${holder}::text::uuid, held_until = ${after(LEASE)}
        where host = ${HOST}
          and (next_at <= ${instant} or next_at > ${after(LONGEST_WAIT + DIFFERENCE)})
          and (holder is null or held_until <= ${instant} or held_until > ${after(LEASE + DIFFERENCE)})
        returning host`),
    );
    if (taken.length > 0) break;
    const [{ wait }] = rowsOf<{ wait: number }>(
      await orm.execute(sql`
        select greatest(extract(epoch from next_at - ${instant}) * 1000,
          case when held_until > ${instant} then ${LOOK}::int else 0 end)::float8 as wait
        from request_turns where host = ${HOST}`),
    );
    if (patience !== undefined && now.getTime() + wait - begun > patience)
      throw new TurnTakenError("arXiv cannot be asked at this moment");
    await timing.wait(Math.max(1, Math.ceil(wait)), signal);
  }
  return {
    async end(pause) {
      const nextAt = new Date(timing.now().getTime() + pause).toISOString();
      await orm.execute(sql`
        update request_turns set holder = null, held_until = null, next_at = ${nextAt}::text::timestamptz
        where host = ${HOST} and holder = ${holder}::text::uuid`);
    },
  };
}
