// Transactions that touch several of them lock in one order: the account, sign-in links, requests, messages, submissions,
// papers by id, reports, subscriptions by id, the links that confirm them. What names an account without locking it first
// locks it by its foreign key, after what the account's deletion waits for.
import { asc, eq, type SQL, sql } from "drizzle-orm";
import type { Orm } from "./connect.ts";
import { papers, subscriptionTokens, users } from "./schema/index.ts";

/** Keeps an account from being deleted until the transaction ends; false when it has gone. */
export async function lockAccount(tx: Orm, userId: string): Promise<boolean> {
  const rows = await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("key share");
  return rows.length > 0;
}

/** Has transactions of an account run one after the other, where each counts what there is; false when it has gone. */
export async function queueOnAccount(tx: Orm, userId: string): Promise<boolean> {
  const rows = await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("update");
  return rows.length > 0;
}

/** Locks some papers, whose ids it returns; rows that name them can be written meanwhile. */
export async function lockPapers(tx: Orm, condition: SQL | undefined): Promise<number[]> {
  const rows = await tx
    .select({ id: papers.id })
    .from(papers)
    .where(condition)
    .orderBy(asc(papers.id))
    .for("no key update");
  return rows.map(({ id }) => id);
}

/** Locks some links that confirm subscriptions. */
export async function lockConfirmations(tx: Orm, condition: SQL | undefined): Promise<void> {
  await tx
    .select({ hash: subscriptionTokens.tokenHash })
    .from(subscriptionTokens)
    .where(condition)
    .orderBy(asc(subscriptionTokens.tokenHash))
    .for("update");
}

/** Has submissions decide one after the other until the transaction ends. */
export async function lockSubmissions(tx: Orm): Promise<void> {
  await tx.execute(sql`lock table submissions in share row exclusive mode`);
}
