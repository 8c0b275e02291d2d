import { asc, eq, inArray, ne, or, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockPapers, lockSubmissions, queueOnAccount } from "../database/row-locks.ts";
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
  withdrawnReports,
} from "../database/schema/index.ts";
import { listAccessTokens } from "./access-tokens.ts";
import { addressHash } from "./address.ts";
import { digestsOf } from "./digests.ts";
import { followed } from "./follows.ts";
import { exportMarks } from "./reading-marks.ts";

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
  const [voted, submitted, signedIn, sent, withdrawn, tokens, marks, searches, subscribed] =
    await Promise.all([
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
      orm
        .select({ sent: withdrawnReports.sentAt })
        .from(withdrawnReports)
        .where(eq(withdrawnReports.userId, userId))
        .orderBy(asc(withdrawnReports.sentAt)),
      listAccessTokens(orm, userId),
      exportMarks(orm, userId),
      followed(orm, userId),
      orm
        .select()
        .from(subscriptions)
        .where(eq(subscriptions.emailHmac, account.emailCanonicalHmac))
        .orderBy(asc(subscriptions.createdAt)),
    ]);
  const digests = await Promise.all(subscribed.map(({ id }) => digestsOf(orm, id)));
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
    withdrawn_reports: withdrawn,
    access_tokens: tokens.map(({ name, scopes, made, lastUsed }) => ({
      name,
      scopes,
      made,
      last_used: lastUsed,
    })),
    subscriptions: subscribed.map((one, i) => ({
      ...{ email: one.email, status: one.status, cadence: one.cadence, hour: one.hour, weekday: one.weekday },
      ...{ tz: one.tz, topics: one.topics, keywords: one.keywords, min_votes: one.minVotes },
      ...{ max_papers: one.maxItems, created: one.createdAt, confirmed: one.confirmedAt, ended: one.endedAt },
      ...{ consent: one.consent, digests: digests[i] },
    })),
  };
}

/**
 * Forgets the spellings of an account's address in what was asked for at any address: links, requests, and messages that
 * wait or were sent lately. `key` is the one under which addresses are hashed.
 */
async function forgetSpellings(transaction: Orm, hash: Uint8Array, key: Buffer): Promise<void> {
  const kept = await Promise.all([
    transaction.selectDistinct({ email: loginTokens.email }).from(loginTokens),
    transaction.selectDistinct({ email: subscriptionRequests.email }).from(subscriptionRequests),
    transaction
      .selectDistinct({ email: mailOutbox.recipient })
      .from(mailOutbox)
      .where(ne(mailOutbox.kind, sql`'digest'`)),
  ]);
  const own = new Set(kept.flat().map(({ email }) => email));
  const spellings = [...own].filter((email) => Buffer.from(addressHash(email, key)).equals(hash));
  if (spellings.length === 0) return;
  await transaction.delete(loginTokens).where(inArray(loginTokens.email, spellings));
  await transaction.delete(subscriptionRequests).where(inArray(subscriptionRequests.email, spellings));
  await transaction.delete(mailOutbox).where(inArray(mailOutbox.recipient, spellings));
}

/** Withdraws all votes of an account, also those for papers that moderators have hidden. */
async function withdrawVotes(transaction: Orm, userId: string): Promise<void> {
  const voted = transaction.select({ id: votes.paperId }).from(votes).where(eq(votes.userId, userId));
  // Those that the account submitted, too, which lose their person: in one order with all others that lock papers.
  await lockPapers(transaction, or(inArray(papers.id, voted), eq(papers.submittedBy, userId)));
  const withdrawn = await transaction
    .delete(votes)
    .where(eq(votes.userId, userId))
    .returning({ id: votes.paperId });
  for (const { id } of withdrawn) await transaction.execute(sql`select recount_votes(${id}::bigint)`);
}

/**
 * Deletes an account with all that is tied to it or to its address, and corrects the counts and scores of the papers it
 * voted for. `key` is the one under which addresses are hashed.
 *
 * Sign-ins, votes, submissions, moderators, digests and the delivery of mail take the same locks in the same order
 * (`row-locks.ts`).
 */
export function deleteAccount(orm: Orm, userId: string, key: Buffer): Promise<void> {
  return orm.transaction(async (transaction) => {
    // Votes under way are cast before this, and withdrawn with the others; later ones find no account.
    if (!(await queueOnAccount(transaction, userId))) return;
    const hash = await accountHash(transaction, userId);
    await forgetSpellings(transaction, hash, key);
    // Links to another address that were not sent yet.
    await transaction.delete(mailOutbox).where(sql`details ->> 'changes' = ${userId}::text`);
    const subscribed = transaction
      .select({ email: subscriptions.email })
      .from(subscriptions)
      .where(eq(subscriptions.emailHmac, hash));
    await transaction.delete(mailOutbox).where(inArray(mailOutbox.recipient, subscribed));
    // Submissions lose their person with the account, when papers are locked that a submission may wait for.
    await lockSubmissions(transaction);
    await transaction.update(submissions).set({ note: null }).where(eq(submissions.userId, userId));
    await withdrawVotes(transaction, userId);
    await transaction.delete(subscriptions).where(eq(subscriptions.emailHmac, hash));
    await transaction.delete(users).where(eq(users.id, userId));
  });
}
