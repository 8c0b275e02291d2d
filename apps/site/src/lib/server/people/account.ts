import { asc, eq, inArray } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import {
  loginTokens,
  mailOutbox,
  papers,
  reports,
  sessions,
  submissions,
  subscriptionRequests,
  subscriptions,
  users,
  votes,
} from "../database/schema/index.ts";
import { listAccessTokens } from "./access-tokens.ts";
import { followed } from "./follows.ts";
import { exportMarks } from "./reading-marks.ts";
import { withdrawVote } from "./votes.ts";

/**
 * The hash of an account's address.
 *
 * @throws Error when there is no such account
 */
export async function accountHash(orm: Orm, userId: string): Promise<Uint8Array> {
  const [account] = await orm
    .select({ hash: users.emailCanonicalHmac })
    .from(users)
    .where(eq(users.id, userId));
  if (!account) throw new Error("there is no such account");
  return account.hash;
}

/** Everything that is stored of an account, for its owner. */
export async function exportAccount(orm: Orm, userId: string): Promise<object | undefined> {
  const [account] = await orm.select().from(users).where(eq(users.id, userId));
  if (!account) return undefined;
  const [voted, submitted, signedIn, sent, tokens, marks, searches, subscribed] = await Promise.all([
    orm
      .select({ paper: papers.arxivId, at: votes.votedAt })
      .from(votes)
      .innerJoin(papers, eq(papers.id, votes.paperId))
      .where(eq(votes.userId, userId))
      .orderBy(asc(votes.votedAt), asc(papers.arxivId)),
    orm
      .select({
        paper: submissions.arxivId,
        at: submissions.submittedAt,
        state: submissions.state,
        code: submissions.codeUrl,
        note: submissions.note,
      })
      .from(submissions)
      .where(eq(submissions.userId, userId))
      .orderBy(asc(submissions.submittedAt), asc(submissions.id)),
    orm
      .select({ browser: sessions.agentClass, begun: sessions.createdAt, last_used: sessions.lastSeenAt })
      .from(sessions)
      .where(eq(sessions.userId, userId))
      .orderBy(asc(sessions.createdAt)),
    orm
      .select({
        paper: papers.arxivId,
        experiment: reports.experiment,
        profile: reports.profile,
        seed: reports.seed,
        version: reports.version,
        environment: reports.environment,
        parameters: reports.parameters,
        findings: reports.findings,
        measured: reports.measuredAt,
        sent: reports.createdAt,
        state: reports.state,
        note: reports.note,
        note_state: reports.noteState,
      })
      .from(reports)
      .innerJoin(papers, eq(papers.id, reports.paperId))
      .where(eq(reports.userId, userId))
      .orderBy(asc(reports.createdAt), asc(reports.id)),
    listAccessTokens(orm, userId),
    exportMarks(orm, userId),
    followed(orm, userId),
    orm
      .select()
      .from(subscriptions)
      .where(eq(subscriptions.emailHmac, account.emailCanonicalHmac))
      .orderBy(asc(subscriptions.createdAt)),
  ]);
  const { email, name, role, createdAt, confirmedAt } = account;
  return {
    type: "gradus-account",
    version: 1,
    account: { email, name, role, created: createdAt, confirmed: confirmedAt },
    votes: voted,
    saved: marks.saved.map(({ arxivId, savedAt }) => ({ paper: arxivId, at: savedAt })),
    followed: searches.map(({ query, followedAt }) => ({ query, at: followedAt })),
    read: marks.read.map(({ arxivId, readAt }) => ({ paper: arxivId, at: readAt })),
    submissions: submitted,
    sessions: signedIn,
    reports: sent,
    access_tokens: tokens.map(({ name, scopes, made, lastUsed }) => ({
      name,
      scopes,
      made,
      last_used: lastUsed,
    })),
    subscriptions: subscribed.map((one) => ({
      ...{ email: one.email, status: one.status, cadence: one.cadence, hour: one.hour, weekday: one.weekday },
      ...{ tz: one.tz, topics: one.topics, keywords: one.keywords, min_votes: one.minVotes },
      ...{ max_papers: one.maxItems, confirmed: one.confirmedAt, consent: one.consent },
    })),
  };
}

/** Deletes an account with all that is tied to it, and corrects the counts and scores of the papers it voted for. */
export function deleteAccount(orm: Orm, userId: string): Promise<void> {
  return orm.transaction(async (transaction) => {
    const [account] = await transaction.select().from(users).where(eq(users.id, userId));
    if (!account) return;
    const voted = await transaction
      .select({ paperId: votes.paperId })
      .from(votes)
      .where(eq(votes.userId, userId))
      // All deletions lock papers in one order.
      .orderBy(asc(votes.paperId));
    for (const { paperId } of voted) await withdrawVote(transaction, { paperId, userId });
    await transaction.delete(loginTokens).where(eq(loginTokens.email, account.email));
    await transaction.delete(mailOutbox).where(eq(mailOutbox.recipient, account.email));
    const subscribed = transaction
      .select({ email: subscriptions.email })
      .from(subscriptions)
      .where(eq(subscriptions.emailHmac, account.emailCanonicalHmac));
    await transaction.delete(mailOutbox).where(inArray(mailOutbox.recipient, subscribed));
    await transaction.delete(subscriptionRequests).where(eq(subscriptionRequests.email, account.email));
    await transaction.delete(subscriptions).where(eq(subscriptions.emailHmac, account.emailCanonicalHmac));
    await transaction.delete(users).where(eq(users.id, userId));
  });
}
