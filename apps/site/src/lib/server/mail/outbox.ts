import { and, asc, eq, lt, lte, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { mailOutbox, type SignInDetails } from "../database/schema/index.ts";
import type { Job } from "../job.ts";
import { MailError, type MailMessage, type MailTransport } from "./transport.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A message that a server did not take so often is given up. */
const MOST_ATTEMPTS = 8;

/** The most messages of one kind to one address in an hour, and the least seconds between two. */
const MOST_TO_ADDRESS = 5;
const SECONDS_APART = 60;
/** The most messages of all in an hour: more is an attack. */
const MOST_IN_ALL = 500;

/** A message that is to be sent. */
export interface MailRequest {
  readonly recipient: string;
  readonly kind: "sign-in";
  readonly details: SignInDetails;
  /** When it may be sent, and when it is of no use any more. */
  readonly from: Date;
  readonly expiresAt: Date;
}

/**
 * Puts a message into the outbox, unless its address or the site has had its share; nobody is told, because an answer
 * that differs would tell who has an account.
 */
export async function queueMail(
  orm: Orm,
  { recipient, kind, details, from, expiresAt }: MailRequest,
): Promise<void> {
  await orm.execute(sql`
    insert into mail_outbox (recipient, kind, details, next_at, expires_at)
    select ${recipient}::text::citext, ${kind}::text, ${JSON.stringify(details)}::text::jsonb,
      ${from.toISOString()}::text::timestamptz, ${expiresAt.toISOString()}::text::timestamptz
    where (select count(*) from mail_outbox where recipient = ${recipient}::text::citext
        and kind = ${kind}::text and created_at > now() - interval '1 hour') < ${MOST_TO_ADDRESS}::int
      and not exists (select 1 from mail_outbox where recipient = ${recipient}::text::citext
        and kind = ${kind}::text and created_at > now() - make_interval(secs => ${SECONDS_APART}::int))
      and (select count(*) from mail_outbox where created_at > now() - interval '1 hour') < ${MOST_IN_ALL}::int`);
}

type OutboxRow = typeof mailOutbox.$inferSelect;

/** Composes a message when it is handed over. */
export type Composer = (row: Pick<OutboxRow, "id" | "recipient" | "details">) => Promise<MailMessage>;

/** What delivery goes by. */
export interface DeliverySettings {
  readonly transport: MailTransport;
  readonly composers: Readonly<Record<OutboxRow["kind"], Composer>>;
  now(): Date;
}

/**
 * The job that hands waiting messages over, oldest first, each at most once: a message is marked before its hand-over
 * and after it. One whose hand-over was cut off may have been taken, so that it is not sent again.
 */
export function mailJob(orm: Orm, { transport, composers, now }: DeliverySettings): Job {
  const end = (id: number, state: "sent" | "failed" | "expired" | "unknown") =>
    orm.update(mailOutbox).set({ state, endedAt: now() }).where(eq(mailOutbox.id, id));

  async function postpone({ id, attempts }: OutboxRow): Promise<void> {
    if (attempts + 1 >= MOST_ATTEMPTS) {
      await end(id, "failed");
      return;
    }
    const nextAt = new Date(now().getTime() + MINUTE * 2 ** attempts);
    await orm
      .update(mailOutbox)
      .set({ state: "waiting", attempts: attempts + 1, nextAt })
      .where(eq(mailOutbox.id, id));
  }

  async function deliver(row: OutboxRow): Promise<void> {
    const message = await composers[row.kind](row);
    await orm.update(mailOutbox).set({ state: "handed over" }).where(eq(mailOutbox.id, row.id));
    try {
      await transport.send(message);
      await end(row.id, "sent");
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      if (error.refusal === "refused") await end(row.id, "failed");
      else if (error.refusal === "unknown") await end(row.id, "unknown");
      else if (error.refusal === "later") await postpone(row);
      else {
        // The queue tries again, and the message keeps its place.
        await orm.update(mailOutbox).set({ state: "waiting" }).where(eq(mailOutbox.id, row.id));
        throw error;
      }
    }
  }

  return {
    name: "mail",
    // What was asked for is sent at once; this finds what a process left that ended.
    schedule: "*/15 * * * *",
    async run(signal) {
      await orm
        .update(mailOutbox)
        .set({ state: "unknown", endedAt: now() })
        .where(eq(mailOutbox.state, "handed over"));
      const expired = new Date(now().getTime() - DAY);
      await orm.delete(mailOutbox).where(lt(mailOutbox.endedAt, expired));
      for (;;) {
        signal.throwIfAborted();
        const [row] = await orm
          .select()
          .from(mailOutbox)
          .where(and(eq(mailOutbox.state, "waiting"), lte(mailOutbox.nextAt, now())))
          .orderBy(asc(mailOutbox.id))
          .limit(1);
        if (!row) return;
        if (row.expiresAt <= now()) await end(row.id, "expired");
        else await deliver(row);
      }
    },
  };
}
