import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { type MailDetails, type SubscriptionChoices, subscriptions } from "../database/schema/index.ts";
import type { Job } from "../job.ts";
import { beginOf } from "../mail/digest-begin.ts";
import { nextDue, periodKey } from "./local-time.ts";
import { candidatesBetween, type Interval, type Matcher, openMatcher } from "./matching.ts";

const HOUR = 3_600_000;
/** A digest that is later than this is sent with the next one. */
const LATEST_HOURS = 12;
/** Subscriptions in one transaction. */
const BATCH = 200;

type Due = Pick<
  typeof subscriptions.$inferSelect,
  | "id"
  | "email"
  | "lastCutoff"
  | "confirmedAt"
  | "cadence"
  | "hour"
  | "weekday"
  | "tz"
  | "topics"
  | "keywords"
  | "minVotes"
  | "maxItems"
> & { readonly dueAt: Date };

/** The due subscriptions that have waited longest, locked. */
async function takeDue(transaction: Orm, now: Date): Promise<Due[]> {
  const rows = await transaction
    .select({
      ...{ id: subscriptions.id, email: subscriptions.email, dueAt: subscriptions.nextDueAt },
      ...{ lastCutoff: subscriptions.lastCutoff, confirmedAt: subscriptions.confirmedAt },
      ...{ cadence: subscriptions.cadence, hour: subscriptions.hour },
      ...{ weekday: subscriptions.weekday, tz: subscriptions.tz, topics: subscriptions.topics },
      ...{
        keywords: subscriptions.keywords,
        minVotes: subscriptions.minVotes,
        maxItems: subscriptions.maxItems,
      },
    })
    .from(subscriptions)
    .where(and(eq(subscriptions.status, "active"), lte(subscriptions.nextDueAt, now)))
    .orderBy(asc(subscriptions.nextDueAt), asc(subscriptions.id))
    .limit(BATCH)
    .for("update", { skipLocked: true });
  return rows.flatMap(({ dueAt, ...row }) => (dueAt ? [{ ...row, dueAt }] : []));
}

const isLate = ({ dueAt }: Due, now: Date) => now.getTime() - dueAt.getTime() > LATEST_HOURS * HOUR;

/** A digest of a subscription. */
interface Planned {
  readonly subscription: string;
  readonly period: string;
  readonly since: Date;
  readonly cutoff: Date;
  readonly expires: Date;
  readonly recipient: string;
  readonly papers: readonly number[];
  readonly choices: SubscriptionChoices;
}

/** Of a subscription what it chooses, and nothing of whom it is. */
const choicesOf = ({
  cadence,
  hour,
  weekday,
  tz,
  topics,
  keywords,
  minVotes,
  maxItems,
}: Due): SubscriptionChoices => ({ cadence, hour, weekday, tz, topics, keywords, minVotes, maxItems });

/** Writes digests, but for periods that have one: their papers, and a message for each that has any. */
async function writeDigests(transaction: Orm, planned: readonly Planned[]): Promise<Set<string>> {
  if (planned.length === 0) return new Set();
  const runs = planned.map(({ subscription, period, since, cutoff, papers }) => ({
    ...{ subscription, period, since, cutoff, matched: papers.length },
  }));
  const written = rowsOf<{ subscription: string }>(
    await transaction.execute(sql`
      insert into digest_runs (subscription_id, period_key, since, cutoff, matched, state)
      select subscription, period, since, cutoff, matched, case when matched > 0 then 'queued' else 'empty' end
      from jsonb_to_recordset(${JSON.stringify(runs)}::text::jsonb)
        as run (subscription uuid, period text, since timestamptz, cutoff timestamptz, matched integer)
      on conflict do nothing returning subscription_id::text as subscription`),
  );
  const fresh = new Set(written.map(({ subscription }) => subscription));
  const sent = planned.filter(({ subscription, papers }) => fresh.has(subscription) && papers.length > 0);
  const items = sent.flatMap(({ subscription, period, papers, choices }) =>
    papers.slice(0, choices.maxItems).map((paper, i) => ({ subscription, period, paper, place: i + 1 })),
  );
  await transaction.execute(sql`
    insert into digest_items (subscription_id, period_key, paper_id, place)
    select subscription, period, paper, place from jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb)
      as item (subscription uuid, period text, paper bigint, place smallint)`);
  const messages = sent.map(({ subscription, period, choices, recipient, expires, cutoff }) => ({
    ...{ recipient, expires, due: cutoff },
    details: { subscription, period, choices } satisfies MailDetails["digest"],
  }));
  await transaction.execute(sql`
    insert into mail_outbox (recipient, kind, details, next_at, expires_at)
    select recipient, 'digest', details, due, expires
    from jsonb_to_recordset(${JSON.stringify(messages)}::text::jsonb)
      as message (details jsonb, recipient text, expires timestamptz, due timestamptz)`);
  return fresh;
}

async function planBatch(transaction: Orm, due: readonly Due[], matcher: Matcher, now: Date): Promise<void> {
  const next = new Map(due.map((one) => [one.id, nextDue(one, now)]));
  const timely = due.filter((one) => !isLate(one, now));
  const intervals = timely.map(
    (one): Interval => ({
      ...{ subscription: one.id, choices: one, since: beginOf(one, one.dueAt), cutoff: one.dueAt },
    }),
  );
  const found = await matcher.match(transaction, intervals);
  const planned = intervals.map(({ since, cutoff }, i): Planned => {
    const one = timely[i];
    const expires = next.get(one.id) ?? now;
    const period = periodKey(one, cutoff);
    return {
      subscription: one.id,
      period,
      since,
      cutoff,
      expires,
      recipient: one.email,
      papers: found[i],
      choices: choicesOf(one),
    };
  });
  const fresh = await writeDigests(transaction, planned);
  const changes = due.map((one) => {
    const { id, dueAt } = one;
    // The next digest begins where this one would have.
    const cutoff = fresh.has(id) ? dueAt : beginOf(one, dueAt);
    return { id, next: next.get(id), cutoff };
  });
  await transaction.execute(sql`
    update subscriptions set next_due_at = change.next, last_cutoff = change.cutoff
    from jsonb_to_recordset(${JSON.stringify(changes)}::text::jsonb)
      as change (id uuid, next timestamptz, cutoff timestamptz)
    where subscriptions.id = change.id`);
}

/**
 * The job that makes the digests that are due: looks for their papers and puts their messages into the outbox. What a
 * process leaves that ends meanwhile, the next run goes on with. `follow` starts the delivery of mail.
 */
export function digestJob(orm: Orm, { now, follow }: { now(): Date; follow(): Promise<void> }): Job {
  return {
    name: "digest-tick",
    schedule: "*/15 * * * *",
    async run(signal) {
      const at = now();
      const isDue = and(eq(subscriptions.status, "active"), lte(subscriptions.nextDueAt, at));
      const [{ since }] = await orm
        .select({
          since: sql<
            Date | string | null
          >`min(coalesce(last_cutoff, least(confirmed_at, next_due_at - interval '168 hours')))`,
        })
        .from(subscriptions)
        .where(isDue);
      if (since === null) return;
      const matcher = openMatcher(await candidatesBetween(orm, new Date(since), at));
      let count: number;
      do {
        signal.throwIfAborted();
        count = await orm.transaction(async (transaction) => {
          const due = await takeDue(transaction, at);
          await planBatch(transaction, due, matcher, at);
          return due.length;
        });
      } while (count > 0);
      await follow();
    },
  };
}

/**
 * Takes back a digest that was not sent before the next was due: its papers may be sent with that.
 */
export async function dropDigest(
  transaction: Orm,
  { subscription, period }: { readonly subscription: string; readonly period: string },
): Promise<void> {
  await transaction.execute(sql`
    with dropped as (
      update digest_runs set state = 'dropped'
      where subscription_id = ${subscription}::uuid and period_key = ${period}::text returning since
    )
    update subscriptions set last_cutoff = least(last_cutoff, (select since from dropped))
    where id = ${subscription}::uuid`);
  await transaction.execute(sql`
    delete from digest_items where subscription_id = ${subscription}::uuid and period_key = ${period}::text`);
}
