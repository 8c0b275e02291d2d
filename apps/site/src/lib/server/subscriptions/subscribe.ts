import { and, asc, eq, gt, lt, ne, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount, lockConfirmations } from "../database/row-locks.ts";
import {
  type Consent,
  type SubscriptionChoices,
  subscriptionRequests,
  subscriptions,
  subscriptionTokens,
  users,
} from "../database/schema/index.ts";
import { type Allowance, rateLimiter } from "../http/rate-limit.ts";
import type { Job } from "../job.ts";
import { beginOf } from "../mail/digest-begin.ts";
import { queueMail } from "../mail/outbox.ts";
import { liftSuppression } from "../mail/suppressions.ts";
import { addressHash, parseAddress } from "../people/address.ts";
import { tokenHash } from "../tokens.ts";
import { nextDue } from "./local-time.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Hours that a confirmation waits for a mail server. */
const WAIT_HOURS = 48;
/** Days that a subscription waits to be confirmed. */
const PENDING_DAYS = 7;
/** Days that one that has ended is remembered. */
const ENDED_DAYS = 90;
/** Requests taken at once. */
const BATCH = 100;

/** The text that a form shows, to which somebody agrees. */
const CONSENT_TEXT = "subscribe-1";

/** Requests that may come from one address of the network in an hour, and from one account. */
export const REQUESTS_PER_HOUR = Number(process.env.GRADUS_SUBSCRIBE_LIMIT || 5);
const requestsOf = rateLimiter(REQUESTS_PER_HOUR, HOUR);

/** Counts a request from an address of the network or an account, by a form or a program. */
export function subscribeAllowance(from: string): Allowance {
  // The real time, also where the site's clock is stopped: an hour must end.
  return requestsOf(from, new Date());
}

/** The message to somebody who has used up an hour's requests. */
export function subscribeLimitMessage({ seconds }: Allowance): string {
  return `Too many requests from your network. Try again in ${Math.ceil(seconds / 60)} min.`;
}

/** Longer than any address. */
const LONGEST_TYPED = 254;
export const ADDRESS_MESSAGE = "Enter a complete email address, such as ada@example.org.";

/** Whether what was typed may be an address. Whether it is one is not told. */
export function isCompleteAddress(typed: string): boolean {
  return typed.length <= LONGEST_TYPED && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(typed);
}

/** What somebody asked for. */
export interface SubscriptionRequest {
  readonly email: string;
  readonly choices: SubscriptionChoices;
  /** The address of the network that it came from. */
  readonly network: string;
  /** The address of the site. */
  readonly origin: string;
  readonly now: Date;
  /** The version of the text to which they agreed. */
  readonly text?: string;
}

/** The part of a network address that is kept with a consent: of IPv4 three numbers, of IPv6 48 bits. */
function shortenedNetwork(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address;
  if (mapped.includes(".")) return `${mapped.split(".").slice(0, 3).join(".")}.0/24`;
  const groups = mapped.split("::")[0].split(":").filter(Boolean);
  return `${[...groups, "0", "0", "0"].slice(0, 3).join(":")}::/48`;
}

/** Keeps a request; what is done then is done later, so that the answer takes as long for every address. */
export async function requestSubscription(
  orm: Orm,
  { email, choices, network, origin, now, text = CONSENT_TEXT }: SubscriptionRequest,
): Promise<void> {
  const consent: Consent = { at: now.toISOString(), network: shortenedNetwork(network), text };
  await orm.insert(subscriptionRequests).values({ email, choices, consent, origin });
}

/** The job that asks the owners of addresses to confirm. `follow` starts the delivery of mail. */
export function subscriptionJob(
  orm: Orm,
  { now, key, follow }: { now(): Date; readonly key: Buffer; follow(): Promise<void> },
): Job {
  type Request = typeof subscriptionRequests.$inferSelect;

  async function take({ id, email, choices, consent, origin }: Request): Promise<void> {
    await orm.transaction(async (transaction) => {
      const taken = await transaction
        .delete(subscriptionRequests)
        .where(eq(subscriptionRequests.id, id))
        .returning({ id: subscriptionRequests.id });
      // Whatever was typed is kept, and answered, alike.
      if (taken.length === 0 || parseAddress(email) === undefined) return;
      const hash = addressHash(email, key);
      // The one that is there stays as it is, and until the message is kept: it may be ended or moved at any time.
      const [{ subscription, to }] = await transaction
        .insert(subscriptions)
        .values({ email, emailHmac: hash, origin, createdAt: now(), ...choices, ...lists(choices) })
        .onConflictDoUpdate({
          target: subscriptions.emailHmac,
          // Written out: a statement that is planned for any values finds no index for them.
          targetWhere: sql`status in ('pending', 'active')`,
          // Its week to be confirmed begins again, or the new link would end with the old week.
          set: {
            createdAt: sql`case when ${subscriptions.status} = 'pending'
              then ${now().toISOString()}::text::timestamptz else ${subscriptions.createdAt} end`,
          },
        })
        .returning({ subscription: subscriptions.id, to: subscriptions.email });
      const expiresAt = new Date(now().getTime() + WAIT_HOURS * HOUR);
      const details = { subscription, choices, consent, origin };
      await queueMail(transaction, { recipient: to, kind: "confirm", details, from: now(), expiresAt });
    });
  }

  return {
    name: "subscriptions",
    schedule: "*/15 * * * *",
    async run(signal) {
      for (;;) {
        signal.throwIfAborted();
        const requests = await orm
          .select()
          .from(subscriptionRequests)
          .orderBy(asc(subscriptionRequests.id))
          .limit(BATCH);
        if (requests.length === 0) break;
        for (const request of requests) await take(request);
      }
      await follow();
    },
  };
}

const lists = ({ topics, keywords }: SubscriptionChoices) => ({
  topics: [...topics],
  keywords: [...keywords],
});

/** Confirms by a link's token, which is then used. False for one that was used, has expired or never was. */
export async function confirmSubscription(orm: Orm, token: string, now: Date): Promise<string | undefined> {
  for (;;) {
    const confirmed = await confirmOnce(orm, token, now);
    if (confirmed !== "moved") return confirmed;
  }
}

/** The same, but for a link whose subscription another transaction has moved or merged into another meanwhile. */
function confirmOnce(orm: Orm, token: string, now: Date): Promise<string | undefined | "moved"> {
  return orm.transaction(async (transaction) => {
    const readLink = () =>
      transaction
        .select()
        .from(subscriptionTokens)
        .where(
          and(
            eq(subscriptionTokens.tokenHash, tokenHash(token)),
            eq(subscriptionTokens.purpose, "confirm"),
            gt(subscriptionTokens.expiresAt, now),
          ),
        );
    const [found] = await readLink();
    if (!found) return undefined;
    const { subscriptionId: id } = found;
    const own = eq(subscriptions.id, id);
    const readAccount = () =>
      transaction
        .select({ id: users.id })
        .from(users)
        .innerJoin(subscriptions, eq(subscriptions.emailHmac, users.emailCanonicalHmac))
        .where(own);
    // The account, the subscription and all its links, as all others lock them; then it may be another's.
    const [account] = await readAccount();
    if (account) await lockAccount(transaction, account.id);
    const [before] = await transaction.select().from(subscriptions).where(own).for("update");
    await lockConfirmations(transaction, eq(subscriptionTokens.subscriptionId, id));
    const [[link], [owner]] = [await readLink(), await readAccount()];
    if (!link) return undefined;
    if (link.subscriptionId !== id || owner?.id !== account?.id) return "moved";
    if (before.status !== "pending" && before.status !== "active") return undefined;
    const { choices, consent } = link;
    const due = nextDue(choices, now);
    // One that was confirmed before and had no digest yet owes the papers since then.
    const owed = before.nextDueAt && beginOf(before, before.nextDueAt);
    await transaction
      .update(subscriptions)
      .set({
        ...choices,
        ...lists(choices),
        status: "active",
        confirmedAt: now,
        consent,
        nextDueAt: due,
        lastCutoff:
          owed && (before.lastCutoff ?? beginOf({ ...choices, lastCutoff: null, confirmedAt: owed }, due)),
        userId: account?.id ?? null,
      })
      .where(own);
    await liftSuppression(transaction, before.emailHmac);
    await transaction.delete(subscriptionTokens).where(eq(subscriptionTokens.subscriptionId, id));
    return id;
  });
}

/** Forgets what was never confirmed, what has ended long ago, and links that have expired. */
export async function purgeSubscriptions(orm: Orm, now: Date): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY);
  const expired = lt(subscriptionTokens.expiresAt, before(1));
  await orm.transaction(async (transaction) => {
    await lockConfirmations(transaction, expired);
    await transaction.delete(subscriptionTokens).where(expired);
  });
  await orm
    .delete(subscriptions)
    .where(and(eq(subscriptions.status, "pending"), lt(subscriptions.createdAt, before(PENDING_DAYS))));
  await orm
    .delete(subscriptions)
    .where(and(ne(subscriptions.status, "active"), lt(subscriptions.endedAt, before(ENDED_DAYS))));
}
