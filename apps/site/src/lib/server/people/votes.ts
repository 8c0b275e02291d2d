import { and, eq, gt, isNotNull, isNull, lte, ne, type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { papers, users, votes } from "../database/schema/index.ts";
import { raiseFlag } from "../moderation/flags.ts";
import { hotOf, hotWithVote } from "../papers/ranking.ts";

/** Age from which an account's votes count in the ranking. */
export const NEW_ACCOUNT_HOURS = 24;
/** So many votes of new accounts on one paper within an hour are flagged for moderators. */
export const FLAGGED_BURST = 10;

/** Whose vote on which paper. */
export interface VoteKey {
  readonly paperId: number;
  readonly userId: string;
}

/** Where a paper stands with its readers after a vote was cast or withdrawn. */
export interface VoteState {
  /** Votes of all accounts, young ones included. */
  readonly count: number;
  readonly voted: boolean;
}

/** The transaction of an `Orm`. */
type Transaction = Parameters<Parameters<Orm["transaction"]>[0]>[0];

/** Accounts whose votes have weight 1 at `now`: a confirmed address, not suspended, 24 hours old. */
function counted(now: Date): SQL | undefined {
  return and(
    isNotNull(users.confirmedAt),
    isNull(users.suspendedAt),
    lte(users.createdAt, new Date(now.getTime() - NEW_ACCOUNT_HOURS * 3_600_000)),
  );
}

/** What votes change of a paper, locked until the transaction ends: all changes of one paper queue here. */
async function lockPaper(transaction: Transaction, paperId: number) {
  const [paper] = await transaction
    .select({
      arxivId: papers.arxivId,
      featuredAt: papers.featuredAt,
      hot: papers.hot,
      count: papers.votesCount,
    })
    .from(papers)
    .where(and(eq(papers.id, paperId), eq(papers.hidden, false)))
    .for("update");
  return paper;
}

/** Flags a paper for moderators when many new accounts vote for it within an hour: nobody can tell yet who they are. */
async function flagBurst(
  transaction: Transaction,
  { id, arxivId }: { readonly id: number; readonly arxivId: string },
  now: Date,
): Promise<void> {
  const begun = new Date(now.getTime() - 3_600_000);
  const recent = and(eq(votes.paperId, id), eq(votes.weight, 0), gt(votes.votedAt, begun));
  const count = await transaction.$count(votes, recent);
  if (count < FLAGGED_BURST) return;
  const summary = `${count} votes of new accounts for arXiv ${arxivId} within an hour.`;
  await raiseFlag(
    transaction,
    { kind: "votes", subject: arxivId, summary, path: `/operator/accounts?voted-for=${arxivId}` },
    now,
  );
}

/** Stores a paper's count and score as its votes have them; returns the count. */
async function recount(transaction: Transaction, paperId: number, featuredAt: Date | null): Promise<number> {
  const rows = await transaction
    .select({ at: votes.votedAt, weight: votes.weight })
    .from(votes)
    .where(eq(votes.paperId, paperId));
  await transaction
    .update(papers)
    .set({ votesCount: rows.length, hot: featuredAt && hotOf(featuredAt, rows) })
    .where(eq(papers.id, paperId));
  return rows.length;
}

/**
 * Casts a vote at `now`; a second one of the same account changes nothing. Its weight is 1 for an account with a
 * confirmed address that is 24 hours old, else 0. The count and the score `log2(2^hot + w 2^((t - T0) / H))` change in
 * the same transaction, without reading the other votes. Undefined when there is no such paper to be seen.
 */
export function castVote(
  orm: Orm,
  { paperId, userId }: VoteKey,
  { now }: { readonly now: Date },
): Promise<VoteState | undefined> {
  return orm.transaction(async (transaction) => {
    const paper = await lockPaper(transaction, paperId);
    if (!paper) return undefined;
    const [account] = await transaction
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, userId), counted(now)));
    const weight = account ? 1 : 0;
    const written = await transaction
      .insert(votes)
      .values({ paperId, userId, votedAt: now, weight })
      .onConflictDoNothing()
      .returning({ paperId: votes.paperId });
    if (written.length === 0) return { count: paper.count, voted: true };
    const count = paper.count + 1;
    const hot = paper.hot === null ? null : hotWithVote(paper.hot, { at: now, weight });
    await transaction.update(papers).set({ votesCount: count, hot }).where(eq(papers.id, paperId));
    if (weight === 0) await flagBurst(transaction, { id: paperId, arxivId: paper.arxivId }, now);
    return { count, voted: true };
  });
}

/**
 * Withdraws a vote, if there is one; the score is computed anew from the paper's other votes, because a difference of
 * exponentials would lose digits. Undefined when there is no such paper to be seen.
 */
export function withdrawVote(orm: Orm, { paperId, userId }: VoteKey): Promise<VoteState | undefined> {
  return orm.transaction(async (transaction) => {
    const paper = await lockPaper(transaction, paperId);
    if (!paper) return undefined;
    const gone = await transaction
      .delete(votes)
      .where(and(eq(votes.paperId, paperId), eq(votes.userId, userId)))
      .returning({ paperId: votes.paperId });
    const count = gone.length === 0 ? paper.count : await recount(transaction, paperId, paper.featuredAt);
    return { count, voted: false };
  });
}

/**
 * Gives every vote the weight that its account has at `now`, at the vote's own time: those of accounts that turned 24
 * hours old begin to count, those of suspended accounts cease to. Maintenance does it every hour. One transaction a paper,
 * so that nobody waits long. Returns how many votes changed.
 */
export async function updateVoteWeights(orm: Orm, now: Date): Promise<number> {
  const weight = sql<number>`case when ${counted(now)} then 1 else 0 end`;
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
        .select({ featuredAt: papers.featuredAt })
        .from(papers)
        .where(eq(papers.id, paperId))
        .for("update");
      if (!paper) return 0;
      const rows = await transaction
        .update(votes)
        .set({ weight: sql`${weight}` })
        .from(users)
        .where(and(eq(votes.paperId, paperId), eq(users.id, votes.userId), ne(votes.weight, weight)))
        .returning({ userId: votes.userId });
      await recount(transaction, paperId, paper.featuredAt);
      return rows.length;
    });
  return changed;
}
