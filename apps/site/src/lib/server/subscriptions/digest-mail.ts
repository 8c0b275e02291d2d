import { and, eq, type SQL, sql } from "drizzle-orm";
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

/** The condition that a digest is that of one of some messages. */
const ofDetails = (details: readonly MailDetails["digest"][]): SQL =>
  sql`(${digestRuns.subscriptionId}, ${digestRuns.periodKey}) in (
    select subscription, period from jsonb_to_recordset(${JSON.stringify(details)}::text::jsonb)
      as message (subscription uuid, period text))`;

/** How digests are composed, and what becomes of their papers. */
export function digestMail(
  orm: Orm,
  { links, addresses, domain, origin: own, operator, now }: DigestSettings,
): MailHandling<"digest"> {
  const readPapers = digestPapers();

  /** What was read for messages that are not composed yet. */
  const prepared = new Map<string, Awaited<ReturnType<typeof stored>>[number] | undefined>();
  const keyOf = ({ subscription, period }: MailDetails["digest"]) => `${subscription} ${period}`;

  /** The digests of some messages, of subscriptions that are active, with their papers. */
  async function stored(details: readonly MailDetails["digest"][]) {
    const items = sql<readonly number[] | null>`(
      select json_agg(paper_id order by place) from digest_items
      where subscription_id = ${digestRuns.subscriptionId} and period_key = ${digestRuns.periodKey})`;
    const rows = await orm
      .select({
        subscription: subscriptions,
        period: digestRuns.periodKey,
        since: digestRuns.since,
        due: digestRuns.cutoff,
        matched: digestRuns.matched,
        items,
      })
      .from(subscriptions)
      .innerJoin(digestRuns, eq(digestRuns.subscriptionId, subscriptions.id))
      .where(and(eq(subscriptions.status, "active"), ofDetails(details)));
    const papers = await readPapers(
      orm,
      rows.flatMap(({ items }) => items ?? []),
    );
    return rows.map((row) => ({ ...row, papers: (row.items ?? []).flatMap((id) => papers.get(id) ?? []) }));
  }

  async function prepare(mails: readonly { readonly details: MailDetails["digest"] }[]): Promise<void> {
    const wanted = mails.map(({ details }) => details);
    prepared.clear();
    for (const details of wanted) prepared.set(keyOf(details), undefined);
    for (const row of await stored(wanted))
      prepared.set(keyOf({ subscription: row.subscription.id, period: row.period }), row);
  }

  async function read(details: MailDetails["digest"]): Promise<Digest | undefined> {
    const key = keyOf(details);
    if (!prepared.has(key)) await prepare([{ details }]);
    const row = prepared.get(key);
    prepared.delete(key);
    if (!row) return undefined;
    const { subscription: id, period, choices } = details;
    const { subscription, since, due, matched, papers } = row;
    if (papers.length === 0) return undefined;
    const origin = own ?? subscription.origin;
    const topics = await cachedTopics(orm);
    return {
      ...{
        recipient: subscription.email,
        choices: choices ?? subscription,
        since,
        due,
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

  async function note(transaction: Orm, details: readonly MailDetails["digest"][], end: MailEnd) {
    if (end === "expired") {
      for (const one of details) await dropDigest(transaction, one);
      return;
    }
    const state = states[end];
    const messageId = sql`'<' || ${digestRuns.periodKey} || '.' || ${digestRuns.subscriptionId} || ${`@${domain}>`}`;
    await transaction
      .update(digestRuns)
      .set({ state, ...(state === "sent" ? { sentAt: now(), messageId } : {}) })
      .where(ofDetails(details));
  }

  return {
    // One that comes twice has the same message id; one that is lost is lost.
    resend: true,
    prepare,
    async compose({ details }) {
      const digest = await read(details);
      return digest && digestMessage(digest);
    },
    ended: (transaction, mails, end) =>
      note(
        transaction,
        mails.map(({ details }) => details),
        end,
      ),
  };
}
