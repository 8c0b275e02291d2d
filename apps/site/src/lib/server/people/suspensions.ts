import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount } from "../database/row-locks.ts";
import { papers, users, votes } from "../database/schema/index.ts";
import { noteDecision } from "../moderation/audit.ts";
import type { Operator } from "./operators.ts";
import { endAllSessions, type Person } from "./sessions.ts";
import { updateVoteWeights } from "./votes.ts";

/** An account as operators see it. */
export interface AccountView {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: Person["role"];
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  readonly votes: number;
}

/** Which accounts are listed: those whose address contains a text, those that voted for a paper, else the suspended. */
export interface AccountQuery {
  readonly address?: string;
  /** An arXiv identifier. */
  readonly votedFor?: string;
}

/** The most accounts that are listed. */
const SHOWN = 100;

/** Accounts, the newest first. */
export function listAccounts(orm: Orm, { address, votedFor }: AccountQuery): Promise<AccountView[]> {
  const voted = sql`exists (select 1 from ${votes} v join ${papers} p on p.id = v.paper_id
    where v.user_id = ${users.id} and p.arxiv_id = ${votedFor ?? ""})`;
  return orm
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      createdAt: users.createdAt,
      suspendedAt: users.suspendedAt,
      votes: sql<number>`(select count(*)::int from ${votes} v where v.user_id = ${users.id})`,
    })
    .from(users)
    .where(
      and(
        address ? sql`position(lower(${address}::text) in lower(${users.email}::text)) > 0` : undefined,
        votedFor ? voted : undefined,
        address || votedFor ? undefined : isNotNull(users.suspendedAt),
      ),
    )
    .orderBy(desc(users.createdAt), users.email)
    .limit(SHOWN);
}

/** Whether an operator may suspend an account: not their own, no administrator's, and a moderator's as administrator. */
export function maySuspend(by: Operator, account: Pick<AccountView, "id" | "role">): boolean {
  if (account.id === by.id || account.role === "administrator") return false;
  return account.role === "reader" || by.role === "administrator";
}

/** What an operator does to an account, and when. */
export interface Suspension {
  readonly userId: string;
  readonly by: Operator;
  readonly now: Date;
}

/**
 * Suspends an account: it is signed out everywhere, cannot sign in, and its votes lose their weight at once. False when
 * there is no such account, or the operator may not suspend it.
 */
export async function suspendAccount(orm: Orm, { userId, by, now }: Suspension): Promise<boolean> {
  const [account] = await orm
    .select({ id: users.id, role: users.role })
    .from(users)
    .where(eq(users.id, userId));
  if (!account || !maySuspend(by, account)) return false;
  const suspended = await orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, by.id))) return false;
    await transaction.update(users).set({ suspendedAt: now }).where(eq(users.id, userId));
    await endAllSessions(transaction, userId);
    await noteDecision(
      transaction,
      { actor: by.id, action: "account.suspend", subject: `account ${userId}` },
      now,
    );
    return true;
  });
  if (suspended) await updateVoteWeights(orm, now);
  return suspended;
}

/** Lifts a suspension; the account's votes have their weight again. False when there is none to lift. */
export async function restoreAccount(orm: Orm, { userId, by, now }: Suspension): Promise<boolean> {
  const restored = await orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, by.id))) return false;
    const rows = await transaction
      .update(users)
      .set({ suspendedAt: null })
      .where(and(eq(users.id, userId), isNotNull(users.suspendedAt)))
      .returning({ id: users.id });
    if (rows.length === 0) return false;
    const decision = { actor: by.id, action: "account.restore", subject: `account ${userId}` };
    await noteDecision(transaction, decision, now);
    return true;
  });
  if (restored) await updateVoteWeights(orm, now);
  return restored;
}
