import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockConfirmations } from "../database/row-locks.ts";
import {
  MOST_KEYWORDS,
  mailOutbox,
  type SubscriptionChoices,
  subscriptions,
  subscriptionTokens,
} from "../database/schema/index.ts";
import { beginOf } from "../mail/digest-begin.ts";

/** An account's change of address. */
export interface Move {
  /** The hash of the old address. */
  readonly from: Uint8Array;
  readonly email: string;
  /** The hash of the new address; the same where it is the same mailbox in another spelling. */
  readonly to: Uint8Array;
  readonly now: Date;
}

type Subscription = typeof subscriptions.$inferSelect;
type Followed = Pick<SubscriptionChoices, "topics" | "keywords" | "minVotes" | "maxItems">;

/**
 * What two subscriptions send, in one: the topics and keywords of both, or everything where one of them sends everything;
 * the smaller number of votes and the larger number of papers. Keywords beyond the most that one has are left out.
 */
export function mergedChoices(own: Followed, other: Followed) {
  const sendsAll = ({ topics, keywords }: Followed) => topics.length + keywords.length === 0;
  const everything = sendsAll(own) || sendsAll(other);
  const both = (kind: "topics" | "keywords") =>
    everything ? [] : [...new Set([...own[kind], ...other[kind]])];
  return {
    topics: both("topics"),
    keywords: both("keywords").slice(0, MOST_KEYWORDS),
    minVotes: Math.min(own.minVotes, other.minVotes),
    maxItems: Math.max(own.maxItems, other.maxItems),
  };
}

/** That a digest `r` waits to be sent. */
const waits = sql`exists (
  select 1 from mail_outbox m where m.kind = 'digest' and m.state = 'waiting'
    and m.details ->> 'subscription' = r.subscription_id::text and m.details ->> 'period' = r.period_key)`;

/** From when on the papers of a subscription's next digest are, where it has one. */
function begin(subscription: Subscription): string | null {
  return subscription.nextDueAt && beginOf(subscription, subscription.nextDueAt).toISOString();
}

/**
 * Ends a subscription in favor of another: papers that it sent are not sent again, those of digests that were not sent yet
 * come with the other's next, and links that confirm it confirm the other.
 */
async function mergeInto(transaction: Orm, own: Subscription, other: Subscription, now: Date): Promise<void> {
  if (other.status === "active")
    await transaction
      .update(subscriptions)
      .set({
        ...mergedChoices(own, other),
        lastCutoff: sql`least(${begin(own)}::timestamptz, ${begin(other)}::timestamptz, (
          select min(since) from digest_runs r where r.subscription_id = ${other.id}::uuid and ${waits}))`,
      })
      .where(eq(subscriptions.id, own.id));
  // Under keys of their own: a digest of the same period may wait. Of that a paper that was sent is taken out.
  const period = sql`period_key || ${` ${other.id}`}::text`;
  await transaction.execute(sql`
    with sent as (
      select * from digest_runs r
      where r.subscription_id = ${other.id}::uuid and r.state in ('queued', 'sent', 'failed') and not ${waits}
    ), runs as (
      insert into digest_runs (subscription_id, period_key, since, cutoff, state, matched, message_id, sent_at)
      select ${own.id}::uuid, ${period}, since, cutoff, state, matched, message_id, sent_at from sent
    )
    insert into digest_items (subscription_id, period_key, paper_id, place)
    select ${own.id}::uuid, ${period}, paper_id, place
    from digest_items join sent using (subscription_id, period_key)
    on conflict (subscription_id, paper_id) do update set period_key = excluded.period_key, place = excluded.place`);
  const links = eq(subscriptionTokens.subscriptionId, other.id);
  await lockConfirmations(transaction, links);
  await transaction.update(subscriptionTokens).set({ subscriptionId: own.id }).where(links);
  await transaction
    .update(mailOutbox)
    .set({ details: sql`jsonb_set(details, '{subscription}', to_jsonb(${own.id}::text))` })
    .where(
      and(
        eq(mailOutbox.kind, "confirm"),
        eq(mailOutbox.state, "waiting"),
        sql`details ->> 'subscription' = ${other.id}::text`,
      ),
    );
  // It stays for the links of messages that it sent.
  await transaction
    .update(subscriptions)
    .set({ status: "unsubscribed", endedAt: now, nextDueAt: null })
    .where(eq(subscriptions.id, other.id));
}

/**
 * Takes the active subscription of an account's old address to the new one, with the messages that wait. Where the new
 * address has a subscription too, it becomes a part of this one, which keeps its schedule.
 */
export async function moveSubscription(transaction: Orm, { from, email, to, now }: Move): Promise<void> {
  const concerned = and(
    inArray(subscriptions.emailHmac, [from, to]),
    inArray(subscriptions.status, ["pending", "active"]),
  );
  // The delivery of mail locks messages before the subscriptions that they are of.
  await transaction
    .select({ id: mailOutbox.id })
    .from(mailOutbox)
    .where(
      and(
        inArray(mailOutbox.kind, ["confirm", "digest"]),
        eq(mailOutbox.state, "waiting"),
        inArray(
          sql`details ->> 'subscription'`,
          transaction
            .select({ id: sql`${subscriptions.id}::text` })
            .from(subscriptions)
            .where(concerned),
        ),
      ),
    )
    .orderBy(asc(mailOutbox.id))
    .for("update");
  const rows = await transaction
    .select()
    .from(subscriptions)
    .where(concerned)
    .orderBy(asc(subscriptions.id))
    .for("update");
  const isAt = (hash: Uint8Array) => (row: Subscription) => Buffer.from(hash).equals(row.emailHmac);
  const own = rows.filter(({ status }) => status === "active").find(isAt(from));
  if (!own) return;
  const other = rows.find((row) => row.id !== own.id && isAt(to)(row));
  if (other) await mergeInto(transaction, own, other, now);
  await transaction.update(subscriptions).set({ email, emailHmac: to }).where(eq(subscriptions.id, own.id));
  await transaction
    .update(mailOutbox)
    .set({ recipient: email })
    .where(
      and(
        eq(mailOutbox.kind, "digest"),
        eq(mailOutbox.state, "waiting"),
        sql`details ->> 'subscription' = ${own.id}::text`,
      ),
    );
}
