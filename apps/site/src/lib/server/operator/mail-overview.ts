import { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, or, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount } from "../database/row-locks.ts";
import {
  digestRuns,
  type MailKind,
  mailEvents,
  mailOutbox,
  subscriptions,
  suppressions,
  users,
} from "../database/schema/index.ts";
import { jobStates } from "../jobs/job-states.ts";
import { describeRefusal } from "../mail/refusal-words.ts";
import { liftSuppression, suppressedRecipients } from "../mail/suppressions.ts";
import { noteDecision } from "../moderation/audit.ts";
import { addressHash } from "../people/address.ts";
import type { Site } from "../site.ts";
import { maskedAddress } from "../subscriptions/preferences.ts";

const DAY = 86_400_000;
/** Rows that a list shows. */
const SHOWN = 50;

/** A message that was not delivered, or not yet. */
export interface TroubledMail {
  readonly id: number;
  readonly kind: MailKind;
  /** Of its recipient, masked. */
  readonly address: string;
  readonly reason: string;
  readonly attempts: number;
  /** When it is tried again by itself; undefined for one that has ended. */
  readonly nextAt?: Date;
  readonly endedAt?: Date;
  /** Whether it can still be sent, when somebody asks for it. */
  readonly mayRetry: boolean;
}

/** An address that gets no mail. */
export interface Suppressed {
  /** The keyed hash of the address, in hexadecimal digits. */
  readonly id: string;
  /** Masked; undefined where only the hash is kept. */
  readonly address?: string;
  readonly reason: "bounce" | "complaint";
  readonly at: Date;
}

/** A bounce or a complaint. */
export interface Bounce {
  readonly address?: string;
  readonly kind: "permanent" | "transient" | "complaint";
  readonly reason: string;
  readonly at: Date;
}

/** What the operator's page of mail shows. */
export interface MailOverview {
  readonly waiting: number;
  /** Since midnight UTC. */
  readonly sentToday: number;
  readonly troubled: readonly TroubledMail[];
  readonly suppressed: readonly Suppressed[];
  readonly suppressedCount: number;
  readonly bounces: readonly Bounce[];
  /** Digests due in the last 24 hours, by outcome. */
  readonly digests: Readonly<Record<(typeof digestRuns.$inferSelect)["state"], number>>;
}

const dayStart = (now: Date) => new Date(Math.floor(now.getTime() / DAY) * DAY);
const ended = inArray(mailOutbox.state, ["failed", "unknown"]);
const hex = (hash: Uint8Array) => Buffer.from(hash).toString("hex");

/** The masked addresses of hashes, of those that are still known. */
async function maskedOf(orm: Orm, hashes: readonly Uint8Array[]): Promise<ReadonlyMap<string, string>> {
  if (hashes.length === 0) return new Map();
  const wanted = [...hashes];
  const [accounts, subscribed] = await Promise.all([
    orm
      .select({ hash: users.emailCanonicalHmac, email: users.email })
      .from(users)
      .where(inArray(users.emailCanonicalHmac, wanted)),
    orm
      .select({ hash: subscriptions.emailHmac, email: subscriptions.email })
      .from(subscriptions)
      .where(inArray(subscriptions.emailHmac, wanted)),
  ]);
  return new Map([...accounts, ...subscribed].map(({ hash, email }) => [hex(hash), maskedAddress(email)]));
}

async function troubledMail(orm: Orm, hashOf: (address: string) => Uint8Array, now: Date) {
  const rows = await orm
    .select()
    .from(mailOutbox)
    .where(or(ended, and(eq(mailOutbox.state, "waiting"), isNotNull(mailOutbox.refusal))))
    .orderBy(desc(sql`coalesce(${mailOutbox.endedAt}, ${mailOutbox.nextAt})`), asc(mailOutbox.id))
    .limit(SHOWN);
  const recipients = rows.map(({ recipient }) => recipient);
  const stopped = await suppressedRecipients(orm, recipients, hashOf);
  return rows.map(
    ({ id, kind, recipient, state, refusal, attempts, nextAt, endedAt, expiresAt }): TroubledMail => {
      const waits = state === "waiting";
      return {
        ...{ id, kind, address: maskedAddress(recipient), reason: describeRefusal(refusal), attempts },
        nextAt: waits ? nextAt : undefined,
        endedAt: endedAt ?? undefined,
        mayRetry: !waits && expiresAt > now && !stopped.has(recipient),
      };
    },
  );
}

async function digestCounts(orm: Orm, now: Date): Promise<MailOverview["digests"]> {
  const rows = await orm
    .select({ state: digestRuns.state, runs: count() })
    .from(digestRuns)
    .where(gt(digestRuns.cutoff, new Date(now.getTime() - DAY)))
    .groupBy(digestRuns.state);
  const runs = new Map(rows.map((row) => [row.state, row.runs]));
  const of = (state: keyof MailOverview["digests"]) => runs.get(state) ?? 0;
  return {
    ...{ queued: of("queued"), sent: of("sent"), empty: of("empty"), failed: of("failed") },
    dropped: of("dropped"),
  };
}

/** Outcomes of the site's mail. `hashOf` gives the keyed hash of an address. */
export async function mailOverview(
  orm: Orm,
  { hashOf, now }: { hashOf(address: string): Uint8Array; readonly now: Date },
): Promise<MailOverview> {
  const [waiting, sentToday, troubled, suppressedCount, stopped, events, digests] = await Promise.all([
    orm.$count(mailOutbox, inArray(mailOutbox.state, ["waiting", "handed over"])),
    orm.$count(mailOutbox, and(eq(mailOutbox.state, "sent"), gte(mailOutbox.endedAt, dayStart(now)))),
    troubledMail(orm, hashOf, now),
    orm.$count(suppressions),
    orm.select().from(suppressions).orderBy(desc(suppressions.at), asc(suppressions.emailHmac)).limit(SHOWN),
    orm.select().from(mailEvents).orderBy(desc(mailEvents.at), desc(mailEvents.id)).limit(SHOWN),
    digestCounts(orm, now),
  ]);
  const known = await maskedOf(
    orm,
    [...stopped, ...events].map(({ emailHmac }) => emailHmac),
  );
  return {
    ...{ waiting, sentToday, troubled, suppressedCount, digests },
    suppressed: stopped.map(({ emailHmac, reason, at }) => ({
      ...{ id: hex(emailHmac), address: known.get(hex(emailHmac)), reason, at },
    })),
    bounces: events.map(({ emailHmac, kind, status, at }) => ({
      ...{ address: known.get(hex(emailHmac)), kind, at },
      reason: kind === "complaint" ? "complaint" : describeRefusal(status),
    })),
  };
}

/** The job that makes digests. */
const DIGESTS = "digest-tick";

/** The same of the site, the folder its mail goes to for lack of a server, and when digests were last made. */
export async function siteMail({
  database: { orm },
  mail,
  addressKey,
  now,
}: Pick<Site, "database" | "mail" | "addressKey" | "now">) {
  const [overview, [{ succeeded }]] = await Promise.all([
    mailOverview(orm, { hashOf: (address) => addressHash(address, addressKey), now: now() }),
    jobStates(orm, [DIGESTS]),
  ]);
  return { ...overview, folder: mail.folder?.path, lastTick: succeeded };
}

/** Messages that were given up and are still of use. */
const retryable = (now: Date) => and(ended, gt(mailOutbox.expiresAt, now));

/** How many messages were given up that can still be sent, when somebody asks for it. */
export async function countRetryable({
  database: { orm },
  addressKey,
  now,
}: Pick<Site, "database" | "addressKey" | "now">): Promise<number> {
  const rows = await orm.select({ recipient: mailOutbox.recipient }).from(mailOutbox).where(retryable(now()));
  const recipients = rows.map(({ recipient }) => recipient);
  const hashOf = (recipient: string) => addressHash(recipient, addressKey);
  const stopped = await suppressedRecipients(orm, recipients, hashOf);
  return recipients.filter((recipient) => !stopped.has(recipient)).length;
}

/** Who decides, and when. */
interface Deciding {
  readonly actor: string;
  readonly now: Date;
}

/** Sends a message again that was given up. False for one that does not exist or has expired. */
export function retryMail(orm: Orm, id: number, { actor, now }: Deciding): Promise<boolean> {
  return orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, actor))) return false;
    const waiting = await transaction
      .update(mailOutbox)
      .set({ state: "waiting", attempts: 0, nextAt: now, endedAt: null })
      .where(and(eq(mailOutbox.id, id), retryable(now)))
      .returning({ id: mailOutbox.id });
    if (waiting.length === 0) return false;
    await noteDecision(transaction, { actor, action: "mail.retry", subject: `message ${id}` }, now);
    return true;
  });
}

/** Lets an address get mail again, as an operator decides. False for one that gets mail. */
export function allowMail(orm: Orm, id: string, { actor, now }: Deciding): Promise<boolean> {
  const hash = new Uint8Array(Buffer.from(id, "hex"));
  return orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, actor))) return false;
    if ((await transaction.$count(suppressions, eq(suppressions.emailHmac, hash))) === 0) return false;
    await liftSuppression(transaction, hash);
    const decision = { actor, action: "suppression.lift", subject: `address ${id.slice(0, 12)}` };
    await noteDecision(transaction, decision, now);
    return true;
  });
}
