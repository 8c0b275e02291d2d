import { and, eq, isNull, ne, or } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { loginTokens, mailOutbox, users } from "../database/schema/index.ts";
import { type MailHeld, queueMail } from "../mail/outbox.ts";
import { addressHash } from "./address.ts";
import { moveSubscription } from "./move-subscription.ts";
import { endAllSessions } from "./sessions.ts";

const HOUR = 3_600_000;
/** How long the old address is tried. */
const NOTICE_DAYS = 7;

/** What somebody asks for who wants another address. */
export interface AddressChangeRequest {
  readonly userId: string;
  readonly email: string;
  /** The address of the site. */
  readonly origin: string;
  readonly now: Date;
}

/** Asks for a link to the new address, or says why there is none: the account keeps the old one until it is confirmed. */
export function requestAddressChange(
  orm: Orm,
  { userId, email, origin, now }: AddressChangeRequest,
): Promise<MailHeld | undefined> {
  return queueMail(orm, {
    recipient: email,
    kind: "sign-in",
    details: { origin, returnTo: "/account#email", changes: userId },
    from: now,
    expiresAt: new Date(now.getTime() + HOUR),
  });
}

/** Whose the new address is to be, and under which key addresses are hashed. */
export interface AddressChange {
  readonly userId: string;
  readonly email: string;
  readonly origin: string;
  readonly key: Buffer;
  readonly now: Date;
}

/**
 * Gives an account another address, and its email subscription with it, of which one that the new address has becomes a
 * part. All sessions end, and so do links that were sent for another change; the old address is told. `"taken"` where
 * another account has the address, undefined where there is no account, or it is suspended.
 */
export async function changeAddress(
  transaction: Orm,
  { userId, email, origin, key, now }: AddressChange,
): Promise<"changed" | "taken" | undefined> {
  const hash = addressHash(email, key);
  const own = eq(users.id, userId);
  const [account] = await transaction
    .select({ email: users.email, hash: users.emailCanonicalHmac })
    .from(users)
    .where(and(own, isNull(users.suspendedAt)))
    .for("update");
  if (!account) return undefined;
  const has = or(eq(users.emailCanonicalHmac, hash), eq(users.email, email));
  if ((await transaction.$count(users, and(ne(users.id, userId), has))) > 0) return "taken";
  await transaction.update(users).set({ email, emailCanonicalHmac: hash }).where(own);
  await moveSubscription(transaction, { from: account.hash, email, to: hash, now });
  await transaction.delete(loginTokens).where(eq(loginTokens.changes, userId));
  await endAllSessions(transaction, userId);
  await transaction.insert(mailOutbox).values({
    ...{ recipient: account.email, kind: "address-changed", details: { origin }, nextAt: now },
    expiresAt: new Date(now.getTime() + NOTICE_DAYS * 24 * HOUR),
  });
  return "changed";
}
