import { and, asc, eq, lt, lte, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { type MailDetails, type MailKind, mailOutbox } from "../database/schema/index.ts";
import type { Job } from "../job.ts";
import type { HandOverJournal } from "./journal.ts";
import { MailError, type MailMessage, type MailTransport } from "./transport.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A message that a server did not take so often is given up. */
const MOST_ATTEMPTS = 8;

/** Kinds of messages that anybody may ask for, at any address. */
type AskedKind = Exclude<MailKind, "digest">;

/** How many messages of a kind are sent at most. */
interface MailLimits {
  readonly toAddress: number;
  /** In so many hours. */
  readonly hours: number;
  /** Seconds between two to an address. */
  readonly secondsApart: number;
  /** In an hour, to all: more is an attack. */
  readonly inAll: number;
}

const LIMITS: Readonly<Record<AskedKind, MailLimits>> = {
  "sign-in": { toAddress: 5, hours: 1, secondsApart: 60, inAll: 500 },
  confirm: { toAddress: 3, hours: 24, secondsApart: 600, inAll: 200 },
};

/** A message that somebody asked for. */
export interface MailRequest<Kind extends AskedKind> {
  readonly recipient: string;
  readonly kind: Kind;
  readonly details: MailDetails[Kind];
  /** When it may be sent, and when it is of no use any more. */
  readonly from: Date;
  readonly expiresAt: Date;
}

/**
 * Puts a message into the outbox, unless its address or the site has had its share; nobody is told, because an answer
 * that differs would tell who has an account or a subscription.
 */
export async function queueMail<Kind extends AskedKind>(
  orm: Orm,
  { recipient, kind, details, from, expiresAt }: MailRequest<Kind>,
): Promise<void> {
  const { toAddress, hours, secondsApart, inAll } = LIMITS[kind];
  await orm.execute(sql`
    insert into mail_outbox (recipient, kind, details, next_at, expires_at)
    select ${recipient}::text::citext, ${kind}::text, ${JSON.stringify(details)}::text::jsonb,
      ${from.toISOString()}::text::timestamptz, ${expiresAt.toISOString()}::text::timestamptz
    where (select count(*) from mail_outbox where recipient = ${recipient}::text::citext
        and kind = ${kind}::text and created_at > now() - make_interval(hours => ${hours}::int)) < ${toAddress}::int
      and not exists (select 1 from mail_outbox where recipient = ${recipient}::text::citext
        and kind = ${kind}::text and created_at > now() - make_interval(secs => ${secondsApart}::int))
      and (select count(*) from mail_outbox where kind = ${kind}::text
        and created_at > now() - interval '1 hour') < ${inAll}::int`);
}

type OutboxRow = typeof mailOutbox.$inferSelect;

/** A message of a kind, as it waits. */
export interface WaitingMail<Kind extends MailKind> {
  readonly id: number;
  readonly recipient: string;
  readonly details: MailDetails[Kind];
}

/** How a message ended. */
export type MailEnd = "sent" | "failed" | "expired" | "unknown";

/** How messages of a kind are handled. */
export interface MailHandling<Kind extends MailKind> {
  /** Composes a message when it is handed over; undefined when it is of no use any more. */
  compose(mail: WaitingMail<Kind>): Promise<MailMessage | undefined>;
  /** What changes with a message's end, in the same transaction. */
  ended?(orm: Orm, mail: WaitingMail<Kind>, end: MailEnd): Promise<void>;
  /**
   * Whether one whose hand-over was cut off is sent again, under the same message id, rather than given up. It may come
   * twice where a server took it and its answer was lost.
   */
  readonly resend?: boolean;
  /** Whether it goes to addresses that get no other mail. */
  readonly toSuppressed?: boolean;
}

/** What delivery goes by. */
export interface DeliverySettings {
  readonly transport: Pick<MailTransport, "send">;
  readonly kinds: { readonly [Kind in MailKind]: MailHandling<Kind> };
  readonly journal: HandOverJournal;
  /** Whether an address gets no mail. */
  isSuppressed(orm: Orm, recipient: string): Promise<boolean>;
  /** The address to which a server returns a message, unless its kind has another. */
  returnPath(orm: Orm, mail: Pick<WaitingMail<MailKind>, "id" | "recipient">): Promise<string>;
  /** Is told of each message that a server did not take. */
  refused(orm: Orm, recipient: string, error: MailError): Promise<void>;
  now(): Date;
}

/**
 * The job that hands waiting messages over, those that a person waits for first, then oldest first. A message is marked
 * before its hand-over and after it, and its hand-over is noted in the journal in between.
 */
export function mailJob(
  orm: Orm,
  { transport, kinds, journal, isSuppressed, returnPath, refused, now }: DeliverySettings,
): Job {
  const handlingOf = ({ kind }: OutboxRow): MailHandling<MailKind> => kinds[kind];

  const end = (row: OutboxRow, state: MailEnd) =>
    orm.transaction(async (transaction) => {
      await transaction.update(mailOutbox).set({ state, endedAt: now() }).where(eq(mailOutbox.id, row.id));
      await handlingOf(row).ended?.(transaction, row, state);
    });

  const putBack = (id: number, change: Partial<Pick<OutboxRow, "attempts" | "nextAt">> = {}) =>
    orm
      .update(mailOutbox)
      .set({ state: "waiting", ...change })
      .where(eq(mailOutbox.id, id));

  async function postpone(row: OutboxRow): Promise<void> {
    const { id, attempts } = row;
    if (attempts + 1 >= MOST_ATTEMPTS) return end(row, "failed");
    const nextAt = new Date(now().getTime() + MINUTE * 2 ** attempts);
    await putBack(id, { attempts: attempts + 1, nextAt });
  }

  async function deliver(row: OutboxRow): Promise<void> {
    const { compose, resend = false, toSuppressed = false } = handlingOf(row);
    const suppressed = !toSuppressed && (await isSuppressed(orm, row.recipient));
    const composed = suppressed ? undefined : await compose(row);
    if (!composed) return end(row, "expired");
    const message = { ...composed, returnPath: composed.returnPath ?? (await returnPath(orm, row)) };
    await orm.update(mailOutbox).set({ state: "handed over" }).where(eq(mailOutbox.id, row.id));
    try {
      await transport.send(message);
      journal.record(row.id);
      await end(row, "sent");
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      await orm
        .update(mailOutbox)
        .set({ refusal: error.status ?? error.refusal })
        .where(eq(mailOutbox.id, row.id));
      if (error.refusal === "refused" || error.refusal === "later") await refused(orm, row.recipient, error);
      if (error.refusal === "refused") await end(row, "failed");
      else if (error.refusal === "unknown" && !resend) await end(row, "unknown");
      else if (error.refusal === "later" || error.refusal === "unknown") await postpone(row);
      else {
        // The queue tries again, and the message keeps its place.
        await putBack(row.id);
        throw error;
      }
    }
  }

  /** What a process left that ended during a hand-over. */
  async function settle(): Promise<void> {
    const rows = await orm.select().from(mailOutbox).where(eq(mailOutbox.state, "handed over"));
    for (const row of rows) {
      if (journal.has(row.id)) await end(row, "sent");
      else if (handlingOf(row).resend) await putBack(row.id);
      else await end(row, "unknown");
    }
    journal.clear();
  }

  return {
    name: "mail",
    // What was asked for is sent at once; this finds what a process left that ended.
    schedule: "*/15 * * * *",
    async run(signal) {
      await settle();
      const expired = new Date(now().getTime() - DAY);
      await orm.delete(mailOutbox).where(lt(mailOutbox.endedAt, expired));
      for (;;) {
        signal.throwIfAborted();
        const [row] = await orm
          .select()
          .from(mailOutbox)
          .where(and(eq(mailOutbox.state, sql`'waiting'`), lte(mailOutbox.nextAt, now())))
          .orderBy(sql`(kind = 'digest')`, asc(mailOutbox.id))
          .limit(1);
        if (!row) return;
        if (row.expiresAt <= now()) await end(row, "expired");
        else await deliver(row);
      }
    },
  };
}
