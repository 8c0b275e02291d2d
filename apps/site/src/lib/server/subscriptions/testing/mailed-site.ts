// Subscriptions of readers on a clock of their own, and a mail server that takes their messages.
import { eq, sql } from "drizzle-orm";
import type { Database, Orm } from "../../database/connect.ts";
import {
  mailOutbox,
  papers,
  type SubscriptionChoices,
  subscriptionRequests,
  subscriptions,
  suppressions,
} from "../../database/schema/index.ts";
import { openSeeded } from "../../database/testing.ts";
import { mailJob } from "../../mail/outbox.ts";
import { returnAddresses } from "../../mail/return-addresses.ts";
import { noteRefusal, suppressedRecipients } from "../../mail/suppressions.ts";
import type { MailError, MailMessage } from "../../mail/transport.ts";
import { syncRegistry } from "../../papers/sync-registry.ts";
import { addressHash } from "../../people/address.ts";
import { indexPapers } from "../../search/index-papers.ts";
import { storeTopics } from "../../search/topics/store.ts";
import { usualChoices } from "../choices.ts";
import { confirmationMail } from "../confirmation.ts";
import { digestJob } from "../digest-job.ts";
import { digestMail } from "../digest-mail.ts";
import { subscriptionLinks } from "../links.ts";
import { readSubscription, type Subscription } from "../preferences.ts";
import { confirmSubscription, requestSubscription, subscriptionJob } from "../subscribe.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const ORIGIN = "https://papers.example.org";
const DOMAIN = "papers.example.org";
export const key = Buffer.alloc(32, 7);
const links = subscriptionLinks({} as NodeJS.ProcessEnv);
const addresses = returnAddresses({} as NodeJS.ProcessEnv, DOMAIN);
export const { signal } = new AbortController();
export const start = Date.parse("2025-12-25T12:00:00Z");

/** The papers that a message links to. */
export const papersIn = (text: string): string[] =>
  [...text.matchAll(/\/papers\/(\d{4}\.\d{4,5})/g)].map(([, id]) => id);

/** The token of the link that confirms, in a message. */
export const tokenIn = (message?: MailMessage): string =>
  /\/subscribe\/([\w-]{43})\n/.exec(message?.text ?? "")?.[1] ?? "";

/** A database with the seed's papers, and what time and the mail server do to its subscriptions. */
export interface MailedSite {
  readonly database: Database;
  readonly orm: Orm;
  readonly seeded: readonly Pick<typeof papers.$inferSelect, "arxivId" | "featuredAt">[];
  /** The time, in milliseconds. */
  now: number;
  /** The messages that the mail server took. */
  taken: MailMessage[];
  /** Why the mail server refuses a message to an address. */
  react: (to: string) => MailError | undefined;
  clock(): Date;
  /** Sends the messages that wait. */
  deliver(): Promise<void>;
  /** Composes the digests that are due, and sends them. */
  tick(): Promise<void>;
  /** Asks for a subscription, of which a message is sent. */
  ask(email: string, choices?: Partial<SubscriptionChoices>): Promise<void>;
  /** Subscribes an address and confirms it; resolves to the subscription's id. */
  subscribe(email: string, choices?: Partial<SubscriptionChoices>): Promise<string>;
  /** Features a paper at an instant. */
  feature(arxivId: string, at: number): Promise<unknown>;
  statusOf(id: string): Promise<Subscription["status"] | undefined>;
  /** Takes all subscriptions and messages away, and sets the clock back. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openMailedSite(open: () => Promise<Database>): Promise<MailedSite> {
  const database = await openSeeded(open, syncRegistry, storeTopics, (orm) => indexPapers(orm, { signal }));
  const { orm, close } = database;
  await orm.execute(sql`
    insert into paper_topics (paper_id, topic) select id, 'explanation' from papers where arxiv_id = '2206.01254'
    on conflict do nothing`);
  const seeded = await orm.select({ arxivId: papers.arxivId, featuredAt: papers.featuredAt }).from(papers);
  const clock = () => new Date(site.now);
  const follow = async () => {};
  const site: MailedSite = {
    ...{ database, orm, seeded, now: start, taken: [], react: () => undefined, clock, close },
    async deliver() {
      const settings = { now: clock, domain: DOMAIN };
      const job = mailJob(orm, {
        now: clock,
        journal: { record() {}, has: () => false, clear() {}, close() {} },
        transport: {
          async send(message) {
            const error = site.react(message.to);
            if (error) throw error;
            site.taken.push(message);
          },
        },
        kinds: {
          "sign-in": { compose: async () => undefined },
          "address-changed": { compose: async () => undefined },
          confirm: confirmationMail(orm, settings),
          digest: digestMail(orm, { ...settings, links, addresses }),
        },
        returnPath: async (_within, { id }) => addresses.ofMessage(id),
        suppressed: (within, all) => suppressedRecipients(within, all, (to) => addressHash(to, key)),
        refused: (within, to, error) => noteRefusal(within, addressHash(to, key), error, clock()),
        runIn: async () => {},
      });
      await job.run(signal);
    },
    async tick() {
      await digestJob(orm, { now: clock, follow }).run(signal);
      await site.deliver();
    },
    async ask(email, choices = {}) {
      const network = "192.0.2.77";
      const all = { ...usualChoices, ...choices };
      await requestSubscription(orm, { email, choices: all, network, origin: ORIGIN, now: clock() });
      await subscriptionJob(orm, { now: clock, key, follow }).run(signal);
      await site.deliver();
    },
    async subscribe(email, choices = {}) {
      await site.ask(email, choices);
      return (await confirmSubscription(orm, tokenIn(site.taken.pop()), clock())) ?? "";
    },
    feature: (arxivId, at) =>
      orm
        .update(papers)
        .set({ featuredAt: new Date(at) })
        .where(eq(papers.arxivId, arxivId)),
    statusOf: async (id) => (await readSubscription(orm, id))?.status,
    async reset() {
      for (const table of [subscriptions, subscriptionRequests, mailOutbox, suppressions])
        await orm.delete(table);
      for (const { arxivId, featuredAt } of seeded)
        await orm.update(papers).set({ featuredAt }).where(eq(papers.arxivId, arxivId));
      Object.assign(site, { now: start, taken: [], react: () => undefined });
    },
  };
  return site;
}
