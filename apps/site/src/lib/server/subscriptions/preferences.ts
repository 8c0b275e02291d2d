import { and, asc, eq, inArray, ne, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import {
  mailOutbox,
  type SubscriptionChoices,
  subscriptionRequests,
  subscriptions,
} from "../database/schema/index.ts";
import { digestsOf } from "../people/digests.ts";
import { nextDue } from "./local-time.ts";

/** A subscription, for those who have its link. */
export type Subscription = typeof subscriptions.$inferSelect;

/** The subscription of an id, while it is remembered. */
export async function readSubscription(orm: Orm, id: string): Promise<Subscription | undefined> {
  const [found] = await orm.select().from(subscriptions).where(eq(subscriptions.id, id));
  return found;
}

/** The subscriptions of an address, by its hash, the oldest first. */
export function subscriptionsOf(orm: Orm, emailHmac: Uint8Array): Promise<Subscription[]> {
  return orm
    .select()
    .from(subscriptions)
    .where(eq(subscriptions.emailHmac, emailHmac))
    .orderBy(asc(subscriptions.createdAt));
}

/** An address of which its owner knows the rest: `r•••@r•••.example`. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf("@");
  const [name, domain] = [address.slice(0, at), address.slice(at + 1)];
  const first = (text: string) => [...text][0] ?? "";
  return `${first(name)}•••@${first(domain)}•••${domain.slice(domain.lastIndexOf("."))}`;
}

/**
 * Everything that is stored of a subscription, for those who have its link. The address is masked, as on the page of the
 * link: messages are passed on, and the link with them.
 */
export async function exportSubscription(orm: Orm, id: string): Promise<object | undefined> {
  const subscription = await readSubscription(orm, id);
  if (!subscription) return undefined;
  const { status, cadence, hour, weekday, tz, topics, keywords, minVotes, maxItems } = subscription;
  const { createdAt, confirmedAt, endedAt, consent } = subscription;
  const digests = await digestsOf(orm, id);
  return {
    type: "gradus-subscription",
    version: 1,
    ...{ address: maskedAddress(subscription.email), status },
    ...{ cadence, hour, weekday, tz, topics, keywords, min_votes: minVotes, max_papers: maxItems },
    ...{ created: createdAt, confirmed: confirmedAt, ended: endedAt, consent, digests },
  };
}

/** Changes what an active subscription sends. False for one that is not active. */
export async function changeSubscription(
  orm: Orm,
  id: string,
  choices: SubscriptionChoices,
  now: Date,
): Promise<boolean> {
  const changed = await orm
    .update(subscriptions)
    .set({
      ...choices,
      topics: [...choices.topics],
      keywords: [...choices.keywords],
      nextDueAt: nextDue(choices, now),
    })
    .where(and(eq(subscriptions.id, id), eq(subscriptions.status, "active")))
    .returning({ id: subscriptions.id });
  return changed.length > 0;
}

/**
 * Ends what an address is subscribed to, at once, by the link of any message to it, also of a subscription that another
 * has replaced: what waits to be sent is not sent. Doing it again changes nothing.
 */
export async function unsubscribe(orm: Orm, id: string, now: Date): Promise<void> {
  const address = orm
    .select({ hash: subscriptions.emailHmac })
    .from(subscriptions)
    .where(eq(subscriptions.id, id));
  await orm
    .update(subscriptions)
    .set({ status: "unsubscribed", endedAt: now, nextDueAt: null })
    .where(
      and(inArray(subscriptions.emailHmac, address), inArray(subscriptions.status, ["pending", "active"])),
    );
}

/** Deletes a subscription with all that is known of its address; a hash stays where the address gets no mail. */
export function forgetSubscription(orm: Orm, id: string): Promise<void> {
  return orm.transaction(async (transaction) => {
    const subscription = await readSubscription(transaction, id);
    if (!subscription) return;
    const { emailHmac, email } = subscription;
    await transaction.delete(subscriptionRequests).where(eq(subscriptionRequests.email, email));
    // A sign-in link that is on its way belongs to the account.
    await transaction
      .delete(mailOutbox)
      .where(and(eq(mailOutbox.recipient, email), ne(mailOutbox.kind, sql`'sign-in'`)));
    await transaction.delete(subscriptions).where(eq(subscriptions.emailHmac, emailHmac));
  });
}
