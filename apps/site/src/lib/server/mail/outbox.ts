import { and, asc, eq, lt, lte, type SQL, sql } from "drizzle-orm";
import { MINUTES_APART } from "#lib/mail-limits.ts";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { type MailDetails, type MailKind, mailOutbox } from "../database/schema/index.ts";
import type { Job } from "../job.ts";
import type { HandOverJournal } from "./journal.ts";
import { MailServerError } from "./mail-server-error.ts";
import { MailError, type MailMessage, type MailTransport } from "./transport.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How often waiting messages are looked for that nobody asked to be sent now. */
const SCHEDULE_MINUTES = 15;
/** How often a message is tried again that a server does not take now, and how long the first and the last time waits. */
const MOST_RETRIES = 8;
const [FIRST_DELAY, LONGEST_DELAY] = [MINUTE, 360 * MINUTE];

/** Milliseconds until the next try after a number of retries: waits grow by a constant factor. */
function retryDelay(retries: number): number {
  return FIRST_DELAY * (LONGEST_DELAY / FIRST_DELAY) ** (retries / (MOST_RETRIES - 1));
}

/** Messages that are taken at once at most, of kinds that are sent again when their hand-over is cut off. */
const MOST_AT_ONCE = 100;
/** Milliseconds after which those of them go back that were not handed over yet: somebody may wait for a link. */
const PATIENCE = 1000;

/** Kinds of messages that anybody may ask for, at any address. */
type AskedKind = Exclude<MailKind, "digest" | "address-changed">;

/** How many messages of a kind are sent at most. */
interface MailLimits {
  readonly toAddress: number;
  /** In so many hours. */
  readonly hours: number;
  /** In an hour, to all: more is an attack. */
  readonly inAll: number;
}

const LIMITS: Readonly<Record<AskedKind, MailLimits>> = {
  "sign-in": { toAddress: 5, hours: 1, inAll: 500 },
  confirm: { toAddress: 3, hours: 24, inAll: 200 },
};

/** A message that somebody asked for. */
export interface MailRequest<Kind extends AskedKind> {
  readonly recipient: string;
  readonly kind: Kind;
  readonly details: MailDetails[Kind];
  /** When it may be sent, and when it expires. */
  readonly from: Date;
  readonly expiresAt: Date;
}

/** That a message was not taken, because its address or the site has had its share. */
export interface MailHeld {
  /** Whole seconds until another may be asked for. */
  readonly seconds: number;
  /** Whether it is only that the last message to the address is so recent. */
  readonly recent: boolean;
}

/**
 * Puts a message into the outbox, unless its address or the site has had its share: then says so. That depends on what
 * was asked for alone, and tells nothing of who has an account or a subscription.
 */
export async function queueMail<Kind extends AskedKind>(
  orm: Orm,
  { recipient, kind, details, from, expiresAt }: MailRequest<Kind>,
): Promise<MailHeld | undefined> {
  const { toAddress, hours, inAll } = LIMITS[kind];
  const queued = await orm.execute(sql`
    insert into mail_outbox (recipient, kind, details, next_at, expires_at)
    select ${recipient}::text::citext, ${kind}::text, ${JSON.stringify(details)}::text::jsonb,
      ${from.toISOString()}::text::timestamptz, ${expiresAt.toISOString()}::text::timestamptz
    where (select count(*) from mail_outbox where recipient = ${recipient}::text::citext
        and kind = ${kind}::text and created_at > now() - make_interval(hours => ${hours}::int)) < ${toAddress}::int
      and not exists (select 1 from mail_outbox where recipient = ${recipient}::text::citext
        and kind = ${kind}::text and created_at > now() - make_interval(mins => ${MINUTES_APART[kind]}::int))
      and (select count(*) from mail_outbox where kind = ${kind}::text
        and created_at > now() - interval '1 hour') < ${inAll}::int
    returning id`);
  return rowsOf(queued).length > 0 ? undefined : held(orm, recipient, kind);
}

/** How long each limit holds back another message of a kind to an address. */
async function held(orm: Orm, recipient: string, kind: AskedKind): Promise<MailHeld> {
  const { toAddress, hours, inAll } = LIMITS[kind];
  const [{ apart, share }] = rowsOf<{ readonly apart: number; readonly share: number }>(
    await orm.execute(sql`
      with asked as (select created_at, recipient from mail_outbox where kind = ${kind}::text),
        own as (select created_at from asked where recipient = ${recipient}::text::citext),
        ends as (select
          (select max(created_at) from own) + make_interval(mins => ${MINUTES_APART[kind]}::int) as apart,
          greatest(
            (select created_at from own order by created_at desc offset ${toAddress - 1}::int limit 1)
              + make_interval(hours => ${hours}::int),
            (select created_at from asked order by created_at desc offset ${inAll - 1}::int limit 1)
              + interval '1 hour') as share)
      select coalesce(extract(epoch from apart - now()), 0)::float8 as apart,
        coalesce(extract(epoch from share - now()), 0)::float8 as share from ends`),
  );
  // The last of them may have passed since.
  return { seconds: Math.max(1, Math.ceil(Math.max(apart, share))), recent: share <= 0 };
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
  /** Reads at once what several messages are composed of. */
  prepare?(mails: readonly WaitingMail<Kind>[]): Promise<void>;
  /** Composes a message when it is handed over; undefined when it has become useless. */
  compose(mail: WaitingMail<Kind>): Promise<MailMessage | undefined>;
  /** What changes with the end of messages, in the same transaction. */
  ended?(orm: Orm, mails: readonly WaitingMail<Kind>[], end: MailEnd): Promise<void>;
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
  /** Which of some addresses get no mail. */
  suppressed(orm: Orm, recipients: readonly string[]): Promise<ReadonlySet<string>>;
  /** The address to which a server returns a message, unless its kind has another. */
  returnPath(orm: Orm, mail: Pick<WaitingMail<MailKind>, "id" | "recipient">): Promise<string>;
  /** Is told of each message that a server did not take. */
  refused(orm: Orm, recipient: string, error: MailError): Promise<void>;
  /** Asks for a run of the job after this many seconds. */
  runIn(seconds: number): Promise<void>;
  now(): Date;
}

/** The condition that a message is one of some. */
const among = (rows: readonly OutboxRow[]): SQL =>
  sql`${mailOutbox.id} = any(${`{${rows.map(({ id }) => id).join()}}`}::text::bigint[])`;

/**
 * The job that hands waiting messages over, those that a person waits for first, then oldest first. A message is marked
 * before its hand-over and after it, and its hand-over is noted in the journal in between. Those that may be sent again
 * are read, composed and marked together.
 */
export function mailJob(
  orm: Orm,
  { transport, kinds, journal, suppressed, returnPath, refused, runIn, now }: DeliverySettings,
): Job {
  const handlingOf = ({ kind }: OutboxRow): MailHandling<MailKind> => kinds[kind];
  /** Messages that are marked as handed over, as far as the database knows, and that certainly nobody has taken. */
  const untaken = new Set<number>();

  /** Ends messages of one kind. */
  async function end(rows: readonly OutboxRow[], state: MailEnd): Promise<void> {
    if (rows.length === 0) return;
    await orm.transaction(async (transaction) => {
      await transaction.update(mailOutbox).set({ state, endedAt: now() }).where(among(rows));
      await handlingOf(rows[0]).ended?.(transaction, rows, state);
    });
  }

  async function putBack(
    rows: readonly OutboxRow[],
    change: Partial<Pick<OutboxRow, "attempts" | "nextAt">> = {},
  ): Promise<void> {
    if (rows.length === 0) return;
    await orm
      .update(mailOutbox)
      .set({ state: "waiting", ...change })
      .where(among(rows));
  }

  async function postpone(row: OutboxRow): Promise<void> {
    const { attempts } = row;
    if (attempts >= MOST_RETRIES) return end([row], "failed");
    const nextAt = new Date(now().getTime() + Math.round(retryDelay(attempts)));
    await putBack([row], { attempts: attempts + 1, nextAt });
  }

  /** Notes why a message was not taken. Resolves to whether the server takes others. */
  async function notTaken(row: OutboxRow, error: MailError): Promise<boolean> {
    const { refusal, status } = error;
    await orm
      .update(mailOutbox)
      .set({ refusal: status ?? refusal })
      .where(eq(mailOutbox.id, row.id));
    // A server that said nothing said nothing of the address.
    if (status && (refusal === "refused" || refusal === "later")) await refused(orm, row.recipient, error);
    if (refusal === "refused") await end([row], "failed");
    else if (refusal === "unknown" && !handlingOf(row).resend) await end([row], "unknown");
    else if (refusal === "later" || refusal === "unknown") await postpone(row);
    else return false;
    return true;
  }

  /** The messages that are of use, composed; the others end. */
  async function composed(rows: readonly OutboxRow[]): Promise<(readonly [OutboxRow, MailMessage])[]> {
    const { prepare, compose, toSuppressed = false } = handlingOf(rows[0]);
    const timely = rows.filter(({ expiresAt }) => expiresAt > now());
    const stopped = toSuppressed
      ? new Set<string>()
      : await suppressed(
          orm,
          timely.map(({ recipient }) => recipient),
        );
    const wanted = timely.filter(({ recipient }) => !stopped.has(recipient));
    await prepare?.(wanted);
    const messages: (readonly [OutboxRow, MailMessage])[] = [];
    for (const row of wanted) {
      const message = await compose(row);
      if (message)
        messages.push([row, { ...message, returnPath: message.returnPath ?? (await returnPath(orm, row)) }]);
    }
    const useful = new Set(messages.map(([row]) => row));
    await end(
      rows.filter((row) => !useful.has(row)),
      "expired",
    );
    return messages;
  }

  /** Hands messages of one kind over, one after another. Resolves to how many there was time for. */
  async function deliver(rows: readonly OutboxRow[], signal: AbortSignal): Promise<number> {
    const messages = await composed(rows);
    if (messages.length === 0) return rows.length;
    for (const [{ id }] of messages) untaken.add(id);
    await orm
      .update(mailOutbox)
      .set({ state: "handed over" })
      .where(among(messages.map(([row]) => row)));
    const begun = performance.now();
    const sent: OutboxRow[] = [];
    let next = 0;
    let closed: MailError | undefined;
    while (next < messages.length && !closed && (next === 0 || performance.now() - begun < PATIENCE)) {
      const [row, message] = messages[next];
      try {
        untaken.delete(row.id);
        await transport.send(message, signal);
        journal.record(row.id);
        sent.push(row);
        next += 1;
      } catch (error) {
        if (!(error instanceof MailError)) throw error;
        if (error.refusal !== "unknown") untaken.add(row.id);
        if (await notTaken(row, error)) next += 1;
        else closed = error;
      }
    }
    await end(sent, "sent");
    await putBack(messages.slice(next).map(([row]) => row));
    // The queue tries again, and the message keeps its place.
    if (closed) throw new MailServerError(closed);
    return next;
  }

  /** What a process left that ended during a hand-over, or that could not write how a hand-over had ended. */
  async function settle(): Promise<void> {
    const rows = await orm.select().from(mailOutbox).where(eq(mailOutbox.state, "handed over"));
    for (const own of Map.groupBy(rows, ({ kind }) => kind).values()) {
      const again = (row: OutboxRow) => handlingOf(row).resend || untaken.has(row.id);
      const lost = own.filter(({ id }) => !journal.has(id));
      await end(
        own.filter(({ id }) => journal.has(id)),
        "sent",
      );
      await putBack(lost.filter(again));
      await end(
        lost.filter((row) => !again(row)),
        "unknown",
      );
    }
    journal.clear();
    untaken.clear();
  }

  /** Has the job run when the next message is due, unless its schedule has it run before. */
  async function runWhenDue(): Promise<void> {
    const [next] = await orm
      .select({ at: mailOutbox.nextAt })
      .from(mailOutbox)
      .where(eq(mailOutbox.state, sql`'waiting'`))
      .orderBy(asc(mailOutbox.nextAt))
      .limit(1);
    const wait = next ? next.at.getTime() - now().getTime() : Number.POSITIVE_INFINITY;
    if (wait < SCHEDULE_MINUTES * MINUTE) await runIn(Math.max(1, Math.ceil(wait / 1000)));
  }

  return {
    name: "mail",
    // What was asked for is sent at once; this finds what a process left that ended.
    schedule: `*/${SCHEDULE_MINUTES} * * * *`,
    async run(signal) {
      await settle();
      const expired = new Date(now().getTime() - DAY);
      await orm.delete(mailOutbox).where(lt(mailOutbox.endedAt, expired));
      // The first shows how fast the server is: about as many are taken at once as there is time for.
      let most = 1;
      for (;;) {
        signal.throwIfAborted();
        const rows = await orm
          .select()
          .from(mailOutbox)
          .where(and(eq(mailOutbox.state, sql`'waiting'`), lte(mailOutbox.nextAt, now())))
          .orderBy(sql`(kind = 'digest')`, asc(mailOutbox.id))
          .limit(most);
        if (rows.length === 0) return runWhenDue();
        const [first] = rows;
        const delivered = await deliver(
          handlingOf(first).resend ? rows.filter(({ kind }) => kind === first.kind) : [first],
          signal,
        );
        most = Math.min(MOST_AT_ONCE, 2 * delivered);
      }
    },
  };
}
