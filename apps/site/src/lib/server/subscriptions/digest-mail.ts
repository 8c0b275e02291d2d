import { and, eq, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { digestRuns, type MailDetails, subscriptions } from "../database/schema/index.ts";
import type { MailEnd, MailHandling } from "../mail/outbox.ts";
import type { ReturnAddresses } from "../mail/return-addresses.ts";
import { cachedTopics } from "../search/topics/cached-topics.ts";
import { dropDigest } from "./digest-job.ts";
import { type Digest, digestMessage } from "./digest-message.ts";
import { digestPapers } from "./digest-papers.ts";
import type { SubscriptionLinks } from "./links.ts";

/** What digests are composed with. */
export interface DigestSettings {
  readonly links: SubscriptionLinks;
  readonly addresses: ReturnAddresses;
  /** The domain that mail is sent from. */
  readonly domain: string;
  /** The site's own address, where it is set; else that at which somebody subscribed. */
  readonly origin?: string;
  /** Who runs the site. */
  readonly operator?: string;
  now(): Date;
}

/** How digests are composed, and what becomes of their papers. */
export function digestMail(
  orm: Orm,
  { links, addresses, domain, origin: own, operator, now }: DigestSettings,
): MailHandling<"digest"> {
  const readPapers = digestPapers();

  async function read({ subscription: id, period }: MailDetails["digest"]): Promise<Digest | undefined> {
    const items = sql<readonly number[] | null>`(
      select json_agg(paper_id order by place) from digest_items
      where subscription_id = ${digestRuns.subscriptionId} and period_key = ${digestRuns.periodKey})`;
    const [row] = await orm
      .select({ subscription: subscriptions, matched: digestRuns.matched, items })
      .from(subscriptions)
      .innerJoin(digestRuns, eq(digestRuns.subscriptionId, subscriptions.id))
      .where(
        and(eq(subscriptions.id, id), eq(subscriptions.status, "active"), eq(digestRuns.periodKey, period)),
      );
    if (!row) return undefined;
    const { subscription, matched } = row;
    const papers = await readPapers(orm, row.items ?? []);
    if (papers.length === 0) return undefined;
    const origin = own ?? subscription.origin;
    const topics = await cachedTopics(orm);
    return {
      ...{
        recipient: subscription.email,
        choices: subscription,
        period,
        matched,
        papers,
        origin,
      },
      labels: new Map(topics.map(({ slug, label }) => [slug, label])),
      token: links.preferences(id),
      unsubscribeAddress: addresses.toUnsubscribe(id),
      returnPath: addresses.ofSubscription(id),
      messageId: `<${period}.${id}@${domain}>`,
      operator: operator ?? `Sent by gradus at ${new URL(origin).host}.`,
    };
  }

  const states = { sent: "sent", failed: "failed", unknown: "sent" } as const;

  async function note(transaction: Orm, { subscription, period }: MailDetails["digest"], end: MailEnd) {
    if (end === "expired") return dropDigest(transaction, { subscription, period });
    const state = states[end];
    const sent =
      state === "sent" ? { sentAt: now(), messageId: `<${period}.${subscription}@${domain}>` } : {};
    await transaction
      .update(digestRuns)
      .set({ state, ...sent })
      .where(and(eq(digestRuns.subscriptionId, subscription), eq(digestRuns.periodKey, period)));
  }

  return {
    // One that comes twice has the same message id; one that is lost is lost.
    resend: true,
    async compose({ details }) {
      const digest = await read(details);
      return digest && digestMessage(digest);
    },
    ended: (transaction, { details }, end) => note(transaction, details, end),
  };
}
