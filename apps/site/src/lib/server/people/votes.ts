import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import { VOTES_PER_HOUR } from "#lib/vote-limit.ts";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { papers, users, votes } from "../database/schema/index.ts";
import { raiseFlag } from "../moderation/flags.ts";

/** Age from which an account's votes count in the ranking. */
export const NEW_ACCOUNT_HOURS = 24;
/** So many votes of new accounts on one paper within an hour are flagged for moderators. */
export const FLAGGED_BURST = 10;

/** Whose vote on which paper. */
export interface VoteKey {
  /** The id of a row of `papers`, or a query for it. */
  readonly paperId: number | SQL<number>;
  readonly userId: string;
}

/** Where a paper stands with its readers after a vote was cast or withdrawn. */
export interface VoteState {
  /** Votes of all accounts, young ones included. */
  readonly count: number;
  readonly voted: boolean;
}

/** How long an account must wait that has cast the votes of an hour. */
export interface VoteLimit {
  /** Whole seconds. */
  readonly limitedFor: number;
}

const instant = (at: Date) => sql`${at.toISOString()}::text::timestamptz`;

/** Accounts made until then have weight 1 at `now`. */
const madeUntil = (now: Date) => instant(new Date(now.getTime() - NEW_ACCOUNT_HOURS * 3_600_000));

/** Flags a paper for moderators: nobody can tell yet who its new voters are. */
async function flagBurst(orm: Orm, { paperId }: VoteKey, count: number, now: Date): Promise<void> {
  const [paper] = await orm.select({ arxivId: papers.arxivId }).from(papers).where(eq(papers.id, paperId));
  if (!paper) return;
  const { arxivId } = paper;
  const summary = `${count} votes from new accounts for arXiv:${arxivId} within an hour.`;
  const path = `/operator/accounts?voted-for=${arxivId}`;
  await raiseFlag(orm, { kind: "votes", subject: arxivId, summary, path }, now);
}

/**
 * Casts a vote at `now`; a second one of the same account changes nothing. Its weight is 1 for an account with a
 * confirmed address that is 24 hours old and not suspended, else 0. The count and the score
 * `log2(2^hot + w 2^((t - T0) / H))` change with it, without reading the other votes. Undefined when there is no such
 * paper to be seen, or the account has gone meanwhile; nothing changes when the account has cast the votes of an hour,
 * `perHour` of them, by the real time, also where the site's clock is stopped: an hour must end.
 */
export async function castVote(
  orm: Orm,
  vote: VoteKey,
  { now, perHour = VOTES_PER_HOUR }: { readonly now: Date; readonly perHour?: number },
): Promise<VoteState | VoteLimit | undefined> {
  const { paperId, userId } = vote;
  const [paper] = rowsOf<{ total: number; weightless: number | null; patience: number | null }>(
    await orm.execute(sql`
      select total, weightless, patience from cast_vote(
        ${paperId}::bigint, ${userId}::uuid, ${instant(now)}, ${madeUntil(now)}, ${perHour}::int)`),
  );
  if (!paper) return undefined;
  if (paper.patience !== null) return { limitedFor: Math.max(1, Math.ceil(paper.patience)) };
  // Counted with the vote, flagged after it: the next such vote makes up for a flag that was lost.
  const { total: count, weightless } = paper;
  if (weightless !== null && weightless >= FLAGGED_BURST) await flagBurst(orm, vote, weightless, now);
  return { count, voted: true };
}

/**
 * Withdraws a vote, if there is one; the score is computed anew from the paper's other votes, because a difference of
 * exponentials would lose digits. Undefined when there is no such paper to be seen.
 */
export async function withdrawVote(orm: Orm, { paperId, userId }: VoteKey): Promise<VoteState | undefined> {
  const [paper] = rowsOf<{ total: number }>(
    await orm.execute(sql`select total from withdraw_vote(${paperId}::bigint, ${userId}::uuid)`),
  );
  return paper && { count: paper.total, voted: false };
}

/**
 * Gives every vote the weight that its account has at `now`, at the vote's own time: those of accounts that turned 24
 * hours old begin to count, those of suspended accounts cease to. Maintenance does it every hour. One transaction a paper,
 * so that nobody waits long. Returns how many votes changed.
 */
export async function updateVoteWeights(orm: Orm, now: Date): Promise<number> {
  const weight = sql`vote_weight(users, ${madeUntil(now)})`;
  const due = await orm
    .selectDistinct({ paperId: votes.paperId })
    .from(votes)
    .innerJoin(users, eq(users.id, votes.userId))
    .where(ne(votes.weight, weight))
    .orderBy(votes.paperId);
  let changed = 0;
  for (const { paperId } of due)
    changed += await orm.transaction(async (transaction) => {
      const [paper] = await transaction
        .select({ id: papers.id })
        .from(papers)
        .where(eq(papers.id, paperId))
        .for("update");
      if (!paper) return 0;
      const rows = await transaction
        .update(votes)
        .set({ weight })
        .from(users)
        .where(and(eq(votes.paperId, paperId), eq(users.id, votes.userId), ne(votes.weight, weight)))
        .returning({ userId: votes.userId });
      await transaction.execute(sql`select recount_votes(${paperId}::bigint)`);
      return rows.length;
    });
  return changed;
}
