import { and, countDistinct, eq, inArray, lt, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { mailEvents, subscriptions, suppressions } from "../database/schema/index.ts";
import type { MailError } from "./transport.ts";

/** Permanent failures after which an address gets no more mail, when none of them says that there is no such mailbox. */
const MOST_PERMANENT = 2;
/** Days with temporary failures after which it gets none. */
const MOST_TRANSIENT_DAYS = 5;
const DAY = 86_400_000;
/** Days that reports are kept. */
const KEPT_DAYS = 90;

/** What is reported of a message that was sent. */
export interface DeliveryReport {
  /** The keyed hash of its recipient's address. */
  readonly hash: Uint8Array;
  readonly kind: "permanent" | "transient" | "complaint";
  /** An enhanced status code (RFC 3463) or the code of a reply. */
  readonly status?: string;
  /** Whether a server said so of the recipient while the message was handed over. */
  readonly ofRecipient?: boolean;
  /** Of the report: one that comes twice counts once. */
  readonly reportId?: string;
}

/** Whether an address gets no mail. */
export async function isSuppressed(orm: Orm, hash: Uint8Array): Promise<boolean> {
  return (await orm.$count(suppressions, eq(suppressions.emailHmac, hash))) > 0;
}

/** Which of some addresses get no mail. */
async function suppressedAmong(orm: Orm, hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
  if (hashes.length === 0) return [];
  const rows = await orm
    .select({ hash: suppressions.emailHmac })
    .from(suppressions)
    .where(inArray(suppressions.emailHmac, [...hashes]));
  return rows.map(({ hash }) => hash);
}

/** Which of some recipients get no mail. `hashOf` gives the keyed hash of an address. */
export async function suppressedRecipients(
  orm: Orm,
  recipients: readonly string[],
  hashOf: (recipient: string) => Uint8Array,
): Promise<ReadonlySet<string>> {
  const hex = (hash: Uint8Array) => Buffer.from(hash).toString("hex");
  const hashes = recipients.map(hashOf);
  const stopped = new Set((await suppressedAmong(orm, hashes)).map(hex));
  return new Set(recipients.filter((_, i) => stopped.has(hex(hashes[i]))));
}

/** Lets an address get mail again, whose owner has confirmed that it works. */
export async function liftSuppression(orm: Orm, hash: Uint8Array): Promise<void> {
  await orm.delete(suppressions).where(eq(suppressions.emailHmac, hash));
  await orm.delete(mailEvents).where(eq(mailEvents.emailHmac, hash));
}

/**
 * Whether a report ends all mail to its address by itself (RFC 3463: 5.1 is the mailbox, but for 5.1.7 and 5.1.8, which
 * are the sender's; 5.7 is the sender's standing).
 */
function isFinal({ kind, status = "", ofRecipient = false }: DeliveryReport): boolean {
  if (kind === "complaint") return true;
  const ofSender = /^5\.(?:7\.|1\.[78]$)/.test(status);
  return kind === "permanent" && !ofSender && (ofRecipient || /^5\.1\./.test(status));
}

async function hasHadEnough(orm: Orm, { hash, kind }: DeliveryReport): Promise<boolean> {
  const [{ permanent, days }] = await orm
    .select({
      permanent: sql<number>`count(*) filter (where kind = 'permanent')`.mapWith(Number),
      days: countDistinct(sql`case when kind = 'transient' then (at at time zone 'UTC')::date end`),
    })
    .from(mailEvents)
    .where(eq(mailEvents.emailHmac, hash));
  return kind === "permanent" ? permanent >= MOST_PERMANENT : days >= MOST_TRANSIENT_DAYS;
}

/** Notes a report. True when its address gets no more mail from then on. */
export function noteReport(orm: Orm, report: DeliveryReport, now: Date): Promise<boolean> {
  const { hash, kind, status, reportId } = report;
  return orm.transaction(async (transaction) => {
    const noted = await transaction
      .insert(mailEvents)
      .values({ emailHmac: hash, kind, status, reportId, at: now })
      .onConflictDoNothing()
      .returning({ id: mailEvents.id });
    if (noted.length === 0) return isSuppressed(transaction, hash);
    if (!isFinal(report) && !(await hasHadEnough(transaction, report))) return false;
    await transaction
      .insert(suppressions)
      .values({ emailHmac: hash, reason: kind === "complaint" ? "complaint" : "bounce", at: now })
      .onConflictDoNothing();
    await transaction
      .update(subscriptions)
      .set({ status: "suppressed", endedAt: now, nextDueAt: null })
      .where(and(eq(subscriptions.emailHmac, hash), inArray(subscriptions.status, ["pending", "active"])));
    return true;
  });
}

/** Notes that a server did not take a message. */
export async function noteRefusal(orm: Orm, hash: Uint8Array, error: MailError, now: Date): Promise<void> {
  const { refusal, status, ofRecipient } = error;
  const kind = refusal === "refused" ? "permanent" : "transient";
  await noteReport(orm, { hash, kind, status, ofRecipient }, now);
}

/** Forgets reports that are old; what they led to stays. */
export async function purgeReports(orm: Orm, now: Date): Promise<void> {
  await orm.delete(mailEvents).where(lt(mailEvents.at, new Date(now.getTime() - KEPT_DAYS * DAY)));
}
