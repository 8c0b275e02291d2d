import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { ingestState, requestTurns } from "../../database/schema/index.ts";
import { HOST } from "./turns.ts";

/** The row of arXiv itself in the table of sources: how its last answer was, whichever source asked. */
export const ARXIV = "arxiv";
/** A request that is due is sent and answered within this many milliseconds; after that nobody asks any more. */
const ANSWERED = 60_000;

/** arXiv did not answer, and will be asked again. */
export interface Outage {
  /** When it last did not answer. */
  readonly at: Date;
  /** Why, in our own words. */
  readonly reason: string;
  /** When it is asked again. */
  readonly next: Date;
}

/** Notes that arXiv did not answer. */
export async function noteOutage(orm: Orm, { at, reason }: Pick<Outage, "at" | "reason">): Promise<void> {
  const set = { error: reason, errorAt: at };
  await orm
    .insert(ingestState)
    .values({ source: ARXIV, ...set })
    .onConflictDoUpdate({ target: ingestState.source, set });
}

/** Notes that arXiv answered. */
export async function endOutage(orm: Orm): Promise<void> {
  await orm
    .update(ingestState)
    .set({ error: null, errorAt: null })
    .where(and(eq(ingestState.source, ARXIV), isNotNull(ingestState.error)));
}

/** What requests wait for at an instant; undefined while arXiv answers, and when nobody is about to ask it again. */
export async function currentOutage(orm: Orm, now: Date): Promise<Outage | undefined> {
  const [row] = await orm
    .select({ at: ingestState.errorAt, reason: ingestState.error, next: requestTurns.nextAt })
    .from(ingestState)
    .innerJoin(requestTurns, eq(requestTurns.host, sql`${HOST}::text`))
    .where(eq(ingestState.source, ARXIV));
  if (!row?.at || row.reason === null || row.next.getTime() < now.getTime() - ANSWERED) return undefined;
  return { at: row.at, reason: row.reason, next: row.next };
}
