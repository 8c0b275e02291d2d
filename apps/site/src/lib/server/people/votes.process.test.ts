import { and, eq, isNotNull, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { VOTES_PER_HOUR } from "#lib/vote-limit.ts";
import type { Database, Orm } from "../database/connect.ts";
import { auditLog, papers, users, votes, voteWindows } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { openFlags } from "../moderation/flags.ts";
import { listPapers } from "../papers/listing/query.ts";
import { EPOCH, HALF_LIFE_HOURS, hotOf } from "../papers/ranking.ts";
import { beginSession, readSession } from "./sessions.ts";
import { maySuspend, restoreAccount, suspendAccount } from "./suspensions.ts";
import { castVote, FLAGGED_BURST, updateVoteWeights, withdrawVote } from "./votes.ts";

const HOUR = 3_600_000;
const now = new Date("2025-12-25T12:00:00Z");
const hours = (count: number) => new Date(now.getTime() + count * HOUR);

/** Accounts made `age` hours before the moment of the tests. */
async function accounts(orm: Orm, count: number, age: number): Promise<string[]> {
  const rows = await orm
    .insert(users)
    .values(
      Array.from({ length: count }, () => {
        const name = crypto.randomUUID();
        return {
          email: `${name}@readers.example`,
          emailCanonicalHmac: new TextEncoder().encode(name),
          confirmedAt: hours(-age),
          createdAt: hours(-age),
        };
      }),
    )
    .returning({ id: users.id });
  return rows.map(({ id }) => id);
}

/** The papers by their score. */
const trending = async (orm: Orm) =>
  (
    await listPapers(
      orm,
      { last: "2025-12-25" },
      { sort: "trending", topics: [], runnable: false, minVotes: 0 },
      { offset: 0, limit: 50 },
    )
  ).papers;

const scoreOf = async (orm: Orm, id: number) =>
  (await orm.select({ hot: papers.hot, count: papers.votesCount }).from(papers).where(eq(papers.id, id)))[0];

/** The score by its definition: a plain sum of powers of two, which the year 2025 still allows. */
async function plainScore(orm: Orm, id: number): Promise<number> {
  const [{ featuredAt }] = await orm
    .select({ featuredAt: papers.featuredAt })
    .from(papers)
    .where(and(eq(papers.id, id), isNotNull(papers.featuredAt)));
  const rows = await orm.select().from(votes).where(eq(votes.paperId, id));
  const mass = (at: Date) => 2 ** ((at.getTime() - EPOCH) / (HALF_LIFE_HOURS * HOUR));
  const cast = rows.map(({ votedAt, weight }) => weight * mass(votedAt));
  return Math.log2(cast.reduce((sum, part) => sum + part, featuredAt ? mass(featuredAt) : 0));
}

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let first: number;
  let last: number;
  beforeAll(async () => {
    database = await openSeeded(open);
    orm = database.orm;
    const ids = (await trending(orm)).map(({ id }) => id);
    [first, last] = [ids[0], ids[ids.length - 1]];
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    for (const { paperId, userId } of await orm.select().from(votes))
      await withdrawVote(orm, { paperId, userId });
  });

  test("a vote counts once, however often it is cast; so does its withdrawal", async () => {
    const [userId] = await accounts(orm, 1, 48);
    const ballot = { paperId: first, userId };
    const before = await scoreOf(orm, first);
    expect(await castVote(orm, ballot, { now })).toEqual({ count: 1, voted: true });
    const once = await scoreOf(orm, first);
    expect(await castVote(orm, ballot, { now: hours(1) })).toEqual({ count: 1, voted: true });
    expect(await scoreOf(orm, first)).toEqual(once);
    expect(once.hot).toBeCloseTo(await plainScore(orm, first), 9);
    expect(once.hot).toBeGreaterThan(before.hot ?? Number.NaN);

    expect(await withdrawVote(orm, ballot)).toEqual({ count: 0, voted: false });
    expect(await withdrawVote(orm, ballot)).toEqual({ count: 0, voted: false });
    const after = await scoreOf(orm, first);
    expect(after.count).toBe(0);
    expect(after.hot).toBeCloseTo(before.hot ?? Number.NaN, 9);
  });

  test("two parallel votes of one account are one", async () => {
    const [userId] = await accounts(orm, 1, 48);
    const ballot = { paperId: first, userId };
    const states = await Promise.all([castVote(orm, ballot, { now }), castVote(orm, ballot, { now })]);
    expect(states).toEqual([
      { count: 1, voted: true },
      { count: 1, voted: true },
    ]);
    expect((await scoreOf(orm, first)).hot).toBeCloseTo(await plainScore(orm, first), 9);
  });

  test("1,000 parallel votes and withdrawals leave counts and scores equal to the rows", async () => {
    const readers = await accounts(orm, 20, 48);
    const actions = fc.sample(
      fc.record({
        paperId: fc.constantFrom(first, last),
        userId: fc.constantFrom(...readers),
        cast: fc.boolean(),
        minutes: fc.integer({ min: 0, max: 5000 }),
      }),
      { numRuns: 1000, seed: 9 },
    );
    await Promise.all(
      actions.map(({ cast, minutes, ...ballot }) =>
        cast ? castVote(orm, ballot, { now: hours(minutes / 60) }) : withdrawVote(orm, ballot),
      ),
    );
    for (const id of [first, last]) {
      const rows = await orm.select().from(votes).where(eq(votes.paperId, id));
      expect(rows.length).toBeGreaterThan(0);
      const stored = await scoreOf(orm, id);
      expect(stored.count).toBe(rows.length);
      expect(stored.hot).toBeCloseTo(await plainScore(orm, id), 9);
    }
  });

  test("votes may lie so far apart that the power of one is nothing beside that of the other", async () => {
    const [{ featuredAt }] = await orm
      .select({ featuredAt: papers.featuredAt })
      .from(papers)
      .where(and(eq(papers.id, last), isNotNull(papers.featuredAt)));
    const times = ["2025-01-02", "2099-03-01", "2040-07-01", "2099-03-02"].map((day) => new Date(day));
    const readers = await accounts(orm, times.length, 9000);
    const expected = (counted: readonly Date[]) =>
      featuredAt &&
      hotOf(
        featuredAt,
        counted.map((at) => ({ at, weight: 1 })),
      );
    for (const [i, at] of times.entries()) {
      await castVote(orm, { paperId: last, userId: readers[i] }, { now: at });
      expect((await scoreOf(orm, last)).hot).toBeCloseTo(expected(times.slice(0, i + 1)) ?? Number.NaN, 9);
    }
    for (const [i, userId] of readers.entries()) {
      await withdrawVote(orm, { paperId: last, userId });
      expect((await scoreOf(orm, last)).hot).toBeCloseTo(expected(times.slice(i + 1)) ?? Number.NaN, 9);
    }
  });

  test("powers of two are added without overflow and underflow", async () => {
    const sums = sql<
      readonly (number | null)[]
    >`json_build_array(log_add_exp2(2000, 2000), log_add_exp2(1, 2),
      log_add_exp2(-5000, 3), log_add_exp2('-infinity', 3), log_add_exp2(null, 3))`;
    const [{ found }] = await orm.select({ found: sums }).from(papers).limit(1);
    expect(found).toEqual([2001, expect.closeTo(Math.log2(6), 14), 3, 3, null]);
  });

  test("40 votes of young accounts show in the count, and in the order only once they are a day old", async () => {
    const order = (await trending(orm)).map(({ id }) => id);
    for (const userId of await accounts(orm, 40, 2)) await castVote(orm, { paperId: last, userId }, { now });
    expect((await scoreOf(orm, last)).count).toBe(40);
    expect(await updateVoteWeights(orm, hours(21))).toBe(0);
    expect((await trending(orm)).map(({ id }) => id)).toEqual(order);

    expect(await updateVoteWeights(orm, hours(23))).toBe(40);
    expect(await updateVoteWeights(orm, hours(24))).toBe(0);
    expect((await trending(orm))[0].id).toBe(last);
    // At the time of the votes, not at that of the promotion.
    const { hot } = await scoreOf(orm, last);
    expect(hot).toBeCloseTo(await plainScore(orm, last), 9);
    expect(hot).toBeLessThan((now.getTime() - EPOCH) / (HALF_LIFE_HOURS * HOUR) + Math.log2(41));
  });

  test("a burst of votes of young accounts is flagged once; votes of older ones and slow ones are not", async () => {
    const ballots = async (paperId: number, age: number, apart: number) => {
      const readers = await accounts(orm, FLAGGED_BURST + 2, age);
      for (const [i, userId] of readers.entries())
        await castVote(orm, { paperId, userId }, { now: hours(i * apart) });
    };
    const before = await openFlags(orm);
    await ballots(first, 48, 0.01);
    await ballots(last, 0.5, 0.2);
    expect(await openFlags(orm)).toEqual(before);
    const [{ arxivId }] = await orm.select().from(papers).where(eq(papers.id, first));
    const open = async () => (await openFlags(orm)).filter(({ subject }) => subject === arxivId);
    const flaggedAfter: number[] = [];
    for (const [i, userId] of (await accounts(orm, FLAGGED_BURST + 2, 0.5)).entries()) {
      await castVote(orm, { paperId: first, userId }, { now: hours(i * 0.01) });
      if ((await open()).length > 0) flaggedAfter.push(i + 1);
    }
    expect(flaggedAfter).toEqual([FLAGGED_BURST, FLAGGED_BURST + 1, FLAGGED_BURST + 2]);
    const raised = await open();
    expect(raised).toHaveLength(1);
    expect(raised[0]).toMatchObject({ kind: "votes", path: `/operator/accounts?voted-for=${arxivId}` });
    expect(raised[0].summary).toContain(`${FLAGGED_BURST + 2} votes from new accounts`);
  });

  test("an account casts 60 votes an hour, whoever counts them, and withdrawing gives none back", async () => {
    const [userId, other] = await accounts(orm, 2, 48);
    const ballot = { paperId: first, userId };
    for (let i = 0; i < VOTES_PER_HOUR; i++) {
      expect(await castVote(orm, ballot, { now })).toEqual({ count: 1, voted: true });
      if (i % 2) await withdrawVote(orm, ballot);
    }
    const limited = await castVote(orm, ballot, { now });
    if (!limited || !("limitedFor" in limited)) throw new Error("a vote too many was cast");
    expect(limited.limitedFor).toBeGreaterThan(3500);
    expect(limited.limitedFor).toBeLessThanOrEqual(3600);
    expect((await scoreOf(orm, first)).count).toBe(0);
    expect(await castVote(orm, { paperId: first, userId: other }, { now })).toEqual({
      count: 1,
      voted: true,
    });
    await orm.update(voteWindows).set({ beganAt: sql`now() - interval '1 hour'` });
    expect(await castVote(orm, ballot, { now })).toEqual({ count: 2, voted: true });
    expect(await orm.select().from(voteWindows).where(eq(voteWindows.userId, userId))).toMatchObject([
      { votes: 1 },
    ]);
  });

  test("suspended and unconfirmed accounts weigh nothing, and a lifted suspension counts again", async () => {
    const [suspended, unconfirmed] = await accounts(orm, 2, 48);
    await orm.update(users).set({ confirmedAt: null }).where(eq(users.id, unconfirmed));
    const before = await scoreOf(orm, first);
    await castVote(orm, { paperId: first, userId: unconfirmed }, { now });
    expect(await scoreOf(orm, first)).toEqual({ count: 1, hot: before.hot });

    await castVote(orm, { paperId: first, userId: suspended }, { now });
    const raised = await scoreOf(orm, first);
    expect(raised.hot).toBeGreaterThan(before.hot ?? Number.NaN);
    const session = await beginSession(orm, { userId: suspended, agent: "Firefox", now });
    expect(await readSession(orm, session, now)).toMatchObject({ person: { id: suspended } });
    const by = { id: unconfirmed, role: "moderator" } as const;
    expect(await suspendAccount(orm, { userId: unconfirmed, by, now })).toBe(false);
    expect(await suspendAccount(orm, { userId: suspended, by, now })).toBe(true);
    const lowered = await scoreOf(orm, first);
    expect(lowered.count).toBe(2);
    expect(lowered.hot).toBeCloseTo(before.hot ?? Number.NaN, 9);

    expect(await restoreAccount(orm, { userId: suspended, by, now })).toBe(true);
    expect(await restoreAccount(orm, { userId: suspended, by, now })).toBe(false);
    expect(await readSession(orm, session, now)).toBeUndefined();
    expect(await orm.select().from(auditLog)).toMatchObject(
      ["suspend", "restore"].map((decision) => ({
        ...{ actor: by.id, action: `account.${decision}`, subject: `account ${suspended}`, actedAt: now },
      })),
    );
    expect((await scoreOf(orm, first)).hot).toBeCloseTo(raised.hot ?? Number.NaN, 9);
  });

  test("a paper that is only indexed has a count and no score; one that is hidden takes no votes", async () => {
    const [userId] = await accounts(orm, 1, 48);
    const ballot = { paperId: last, userId };
    const [{ featuredAt, hot }] = await orm.select().from(papers).where(eq(papers.id, last));
    try {
      await orm.update(papers).set({ featuredAt: null, hot: null }).where(eq(papers.id, last));
      await castVote(orm, ballot, { now });
      expect(await scoreOf(orm, last)).toEqual({ count: 1, hot: null });
      await withdrawVote(orm, ballot);
      expect(await scoreOf(orm, last)).toEqual({ count: 0, hot: null });
      await orm.update(papers).set({ hidden: true }).where(eq(papers.id, last));
      expect(await castVote(orm, ballot, { now })).toBeUndefined();
    } finally {
      await orm.update(papers).set({ featuredAt, hot, hidden: false }).where(eq(papers.id, last));
    }
    expect(await castVote(orm, { paperId: 0, userId }, { now })).toBeUndefined();
    expect(await orm.select({ one: sql`1` }).from(votes)).toEqual([]);
  });
});

test.each([
  ["administrator", "reader", true],
  ["administrator", "moderator", true],
  ["administrator", "administrator", false],
  ["moderator", "reader", true],
  ["moderator", "moderator", false],
  ["moderator", "administrator", false],
] as const)("a %s may suspend a %s: %s", (by, role, expected) => {
  expect(maySuspend({ id: "1", role: by }, { id: "2", role })).toBe(expected);
  expect(maySuspend({ id: "1", role: by }, { id: "1", role })).toBe(false);
});
