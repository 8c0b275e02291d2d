import { and, asc, eq, gt, isNull, lt, or, type SQL } from "drizzle-orm";
import { LINK_MINUTES } from "#lib/sign-in-link.ts";
import type { Orm } from "../database/connect.ts";
import { retriedTransaction } from "../database/retried.ts";
import { queueOnAccount } from "../database/row-locks.ts";
import { loginTokens, users } from "../database/schema/index.ts";
import { escaped, mailButton, mailHtml, SMALL } from "../mail/html.ts";
import { type MailHeld, queueMail, type WaitingMail } from "../mail/outbox.ts";
import type { MailMessage } from "../mail/transport.ts";
import { wrapped } from "../mail/wrap.ts";
import { freshToken, tokenHash } from "../tokens.ts";
import { addressHash } from "./address.ts";
import { changeAddress } from "./change-address.ts";
import { beginSession, endSession } from "./sessions.ts";
import { requestVote } from "./vote-requests.ts";

const MINUTE = 60_000;
/** How long a link is waited for: by then its reader has asked for another. */
const WAIT_MINUTES = 60;

/** What somebody asked for who wants to sign in. */
export interface SignInRequest {
  readonly email: string;
  readonly returnTo: string;
  /** The paper that they wanted to vote for, by its arXiv identifier. */
  readonly voteFor?: string;
  /** The address of the site. */
  readonly origin: string;
  readonly now: Date;
}

/**
 * Asks for a link by mail, or says why there is none; the same is done for every address, whether it has an account or
 * not.
 */
export function requestSignIn(
  orm: Orm,
  { email, returnTo, voteFor, origin, now }: SignInRequest,
): Promise<MailHeld | undefined> {
  return queueMail(orm, {
    recipient: email,
    kind: "sign-in",
    details: { origin, returnTo, voteFor },
    from: now,
    expiresAt: new Date(now.getTime() + WAIT_MINUTES * MINUTE),
  });
}

/** Whether an account is there for a link to change, and stays until the link is kept. */
async function mayChange(transaction: Orm, id: string): Promise<boolean> {
  const [account] = await transaction
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, id), isNull(users.suspendedAt)))
    .for("key share");
  return account !== undefined;
}

/**
 * Composes the message with the link, whose token is made now and exists nowhere else; none for an account that is gone.
 */
export function signInComposer(
  orm: Orm,
  now: () => Date,
): (mail: WaitingMail<"sign-in">) => Promise<MailMessage | undefined> {
  return async ({ id, recipient, details: { origin, returnTo, voteFor, changes } }) => {
    const { token, hash } = freshToken();
    const expiresAt = new Date(now().getTime() + LINK_MINUTES * MINUTE);
    const kept = await orm.transaction(async (transaction) => {
      if (changes && !(await mayChange(transaction, changes))) return false;
      await transaction
        .insert(loginTokens)
        .values({ tokenHash: hash, email: recipient, returnTo, voteFor, changes, expiresAt });
      return true;
    });
    if (!kept) return undefined;
    const link = `${origin}/sign-in/${token}`;
    const { host } = new URL(origin);
    const notes = [
      `The link works once and expires in ${LINK_MINUTES} minutes.`,
      changes
        ? "If you did not ask for this, ignore this message; nothing changes without the link."
        : "If you did not ask to sign in, ignore this message; nobody can sign in without the link.",
    ];
    const subject = changes ? `Confirm your new address (${host})` : `Sign in to gradus (${host})`;
    const intro = changes
      ? `Open this link to use this address for your gradus account at ${host}:`
      : `Open this link to sign in to gradus at ${host}:`;
    return {
      to: recipient,
      subject,
      text: [wrapped(intro), link, ...notes.map((note) => wrapped(note))].join("\n\n"),
      html: mailHtml(subject, [
        `<p>${escaped(intro)}</p>`,
        mailButton(link, changes ? "Confirm address" : "Sign in"),
        ...notes.map((note) => `<p style="${SMALL}">${escaped(note)}</p>`),
      ]),
      messageId: `<sign-in.${id}@${new URL(origin).hostname}>`,
    };
  };
}

/** The condition that an account has an address. */
const isAt = (email: string, key: Buffer) =>
  or(eq(users.emailCanonicalHmac, addressHash(email, key)), eq(users.email, email));

/** The account of an address, made now if there is none yet; undefined for one that is suspended. */
async function accountOf(orm: Orm, email: string, { key, now }: { key: Buffer; now: Date }) {
  const hash = addressHash(email, key);
  await orm
    .insert(users)
    .values({ email, emailCanonicalHmac: hash, confirmedAt: now, createdAt: now })
    .onConflictDoNothing();
  const [account] = await orm
    .select({ id: users.id, suspendedAt: users.suspendedAt })
    .from(users)
    .where(isAt(email, key))
    // It may not be deleted before its session begins.
    .for("key share");
  if (!account || account.suspendedAt) return undefined;
  await orm
    .update(users)
    .set({ confirmedAt: now })
    .where(and(eq(users.id, account.id), isNull(users.confirmedAt)));
  return account.id;
}

/** Locks the account that a link is for, where there is one: its deletion locks links after it. */
async function lockAccountOf(transaction: Orm, link: SQL | undefined, key: Buffer): Promise<void> {
  const [found] = await transaction
    .select({ email: loginTokens.email, changes: loginTokens.changes })
    .from(loginTokens)
    .where(link);
  if (!found) return;
  const { email, changes } = found;
  if (changes) await queueOnAccount(transaction, changes);
  else
    await transaction
      .select({ id: users.id })
      .from(users)
      .where(isAt(email, key))
      .orderBy(asc(users.id))
      .for("key share");
}

/** The condition that a link has a token and can be used. */
const isValid = (token: string, now: Date) =>
  and(eq(loginTokens.tokenHash, tokenHash(token)), gt(loginTokens.expiresAt, now));

/** What a link is redeemed with. */
export interface Redemption {
  readonly token: string;
  /** The browser that signs in, by its class. */
  readonly agent: string;
  /** The session that the browser has now; it ends. */
  readonly session: string | undefined;
  /** The address of the site. */
  readonly origin: string;
  /** Under which addresses are hashed. */
  readonly key: Buffer;
  readonly now: Date;
}

/** Who is signed in by a link, and whether their address was changed; or that another account has the address which it was to give to an account. */
export type Redeemed =
  | { readonly session: string; readonly returnTo: string; readonly changed: boolean }
  | "taken";

/** What a link does, which is not used by asking; undefined for one that was used, has expired or never was. */
export async function linkPurpose(
  orm: Orm,
  token: string,
  now: Date,
): Promise<"sign in" | "change address" | undefined> {
  const [link] = await orm
    .select({ changes: loginTokens.changes })
    .from(loginTokens)
    .where(isValid(token, now));
  return link && (link.changes === null ? "sign in" : "change address");
}

/**
 * Signs in by a link's token, which is then used, and casts the vote for which its reader signed in, or gives the account
 * its new address. Undefined for one that was used, has expired or never was.
 */
export function redeemLink(
  orm: Orm,
  { token, agent, session, origin, key, now }: Redemption,
): Promise<Redeemed | undefined> {
  // Somebody else may be about to take the same address: the second finds it taken.
  return retriedTransaction(orm, async (transaction) => {
    const valid = isValid(token, now);
    await lockAccountOf(transaction, valid, key);
    const [link] = await transaction.delete(loginTokens).where(valid).returning();
    if (!link) return undefined;
    const { email, changes } = link;
    const change = changes
      ? await changeAddress(transaction, { userId: changes, email, origin, key, now })
      : undefined;
    if (change === "taken") return change;
    if (changes && !change) return undefined;
    const userId = await accountOf(transaction, email, { key, now });
    if (!userId) return undefined;
    if (link.voteFor) await requestVote(transaction, { arxivId: link.voteFor, userId, cast: true, now });
    // It may be another account's, whose deletion locks papers before it.
    if (session) await endSession(transaction, session);
    const begun = await beginSession(transaction, { userId, agent, now });
    return { session: begun, returnTo: link.returnTo, changed: change === "changed" };
  });
}

/** Forgets links that have expired. */
export async function purgeLinks(orm: Orm, now: Date): Promise<void> {
  await orm.delete(loginTokens).where(lt(loginTokens.expiresAt, now));
}
