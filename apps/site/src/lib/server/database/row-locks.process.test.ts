// What people, moderators and jobs do at the same time, step by step over several connections: no transaction is ended
// because two wait for each other.
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decidePaper } from "../curation/decide.ts";
import type { ArxivClient } from "../ingestion/arxiv/client.ts";
import { machineTiming } from "../ingestion/timing.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { deleteAccount } from "../people/account.ts";
import { castVote } from "../people/votes.ts";
import { pendingJob } from "../submissions/pending.ts";
import { submitPaper } from "../submissions/submit.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import { digestJob } from "../subscriptions/digest-job.ts";
import type { Database, Orm } from "./connect.ts";
import { migrate } from "./migrate.ts";
import { papers, submissions, subscriptions, users } from "./schema/index.ts";
import { engines } from "./testing.ts";
import { untilWaiting } from "./until-waiting-testing.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const KEY = Buffer.alloc(32, 7);
/** arXiv that nobody needs to ask. */
const refuse = () => Promise.reject(new Error("arXiv was asked"));
const silent: ArxivClient = { timing: machineTiming, query: refuse, oai: refuse };

// The embedded database does one transaction after the other.
const [, server] = engines;

describe.skipIf(!server)("on a Postgres server (skipped without GRADUS_TEST_DATABASE_URL)", () => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    const [, open] = server;
    database = await open();
    ({ orm } = database);
    await migrate(orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await orm.execute(sql`truncate papers, submissions, subscriptions, users cascade`);
    // Identifiers against the order of ids.
    for (const arxivId of ["2611.00009", "2611.00001"])
      await writePapers(orm, [recordWith({ arxivId, title: arxivId, publishedAt: NOW })]);
  });

  const arxivIds = async () =>
    (await orm.select({ arxivId: papers.arxivId }).from(papers).orderBy(asc(papers.id))).map(
      ({ arxivId }) => arxivId,
    );
  const idOf = async (arxivId: string) =>
    (await orm.select({ id: papers.id }).from(papers).where(eq(papers.arxivId, arxivId)))[0].id;

  async function person(name: string): Promise<string> {
    const email = `${name}@readers.example`;
    const createdAt = new Date("2026-11-01T00:00:00Z");
    const [{ id }] = await orm
      .insert(users)
      .values({ email, emailCanonicalHmac: Buffer.from(email), confirmedAt: createdAt, createdAt })
      .returning({ id: users.id });
    return id;
  }

  /**
   * Begins two pieces of work while another transaction keeps them from a paper, so that each has what it locks before
   * papers; then lets them go on.
   */
  async function atOnce(paperId: number, first: () => Promise<unknown>, second: () => Promise<unknown>) {
    const running: Promise<unknown>[] = [];
    await orm.transaction(async (other) => {
      await other.select().from(papers).where(eq(papers.id, paperId)).for("update");
      running.push(first());
      await untilWaiting(orm, 1);
      running.push(second());
      await untilWaiting(orm, 2);
    });
    return Promise.allSettled(running);
  }
  const done = [{ status: "fulfilled" }, { status: "fulfilled" }];

  const pending = () =>
    pendingJob(orm, { client: silent, now: () => NOW, index: async () => {} }).run(
      new AbortController().signal,
    );

  test("the job of waiting submissions and the deletion of the account that submitted", async () => {
    const [arxivId, other] = await arxivIds();
    const userId = await person("ada");
    await castVote(orm, { paperId: await idOf(arxivId), userId }, { now: NOW });
    await castVote(orm, { paperId: await idOf(other), userId }, { now: NOW });
    await orm.insert(submissions).values({ userId, arxivId, state: "pending", submittedAt: NOW });
    expect(await atOnce(await idOf(arxivId), pending, () => deleteAccount(orm, userId, KEY))).toMatchObject(
      done,
    );
    expect(await orm.select().from(submissions)).toMatchObject([{ userId: null, state: "accepted" }]);
    expect(await orm.select().from(papers).where(eq(papers.arxivId, arxivId))).toMatchObject([
      { submittedBy: null, lane: "daily", votesCount: 0 },
    ]);
  });

  test("the deletion of an account, then the job of its waiting submissions", async () => {
    const [arxivId] = await arxivIds();
    const userId = await person("ada");
    await castVote(orm, { paperId: await idOf(arxivId), userId }, { now: NOW });
    await orm.insert(submissions).values({ userId, arxivId, state: "pending", submittedAt: NOW });
    expect(await atOnce(await idOf(arxivId), () => deleteAccount(orm, userId, KEY), pending)).toMatchObject(
      done,
    );
    expect(await orm.select().from(submissions)).toMatchObject([{ userId: null, state: "accepted" }]);
  });

  test("a submission and the deletion of an account that voted for its paper and submitted others", async () => {
    const [arxivId, other] = await arxivIds();
    const [ada, bob] = [await person("ada"), await person("bob")];
    await submitPaper(orm, other, {}, { client: silent, userId: bob, now: NOW });
    await castVote(orm, { paperId: await idOf(arxivId), userId: bob }, { now: NOW });
    const submit = () => submitPaper(orm, arxivId, {}, { client: silent, userId: ada, now: NOW });
    expect(await atOnce(await idOf(arxivId), () => deleteAccount(orm, bob, KEY), submit)).toMatchObject(done);
    expect((await orm.select().from(submissions)).map(({ userId, state }) => [userId, state])).toEqual([
      [null, "accepted"],
      [ada, "accepted"],
    ]);
  });

  test("two accounts that are deleted, each of which voted for the paper that the other submitted", async () => {
    const [first, second] = await arxivIds();
    const [ada, bob] = [await person("ada"), await person("bob")];
    await submitPaper(orm, first, {}, { client: silent, userId: ada, now: NOW });
    await submitPaper(orm, second, {}, { client: silent, userId: bob, now: NOW });
    await castVote(orm, { paperId: await idOf(first), userId: bob }, { now: NOW });
    await castVote(orm, { paperId: await idOf(second), userId: ada }, { now: NOW });
    const of = (userId: string) => () => deleteAccount(orm, userId, KEY);
    expect(await atOnce(await idOf(second), of(ada), of(bob))).toMatchObject(done);
    expect(await orm.$count(users)).toBe(0);
  });

  test("a moderator's decision about a paper and the deletion of the moderator's account", async () => {
    const [arxivId] = await arxivIds();
    const actor = await person("moderator");
    await castVote(orm, { paperId: await idOf(arxivId), userId: actor }, { now: NOW });
    const decide = () => decidePaper(orm, { arxivId, decision: "hide", actor, now: NOW });
    expect(await atOnce(await idOf(arxivId), decide, () => deleteAccount(orm, actor, KEY))).toMatchObject(
      done,
    );
  });

  test("the digest of an account and its deletion, of a paper that it voted for", async () => {
    const [arxivId] = await arxivIds();
    const paperId = await idOf(arxivId);
    const userId = await person("ada");
    await castVote(orm, { paperId, userId }, { now: NOW });
    await orm.update(papers).set({ featuredAt: NOW, lane: "daily", hot: 1 }).where(eq(papers.id, paperId));
    const email = "ada@readers.example";
    await orm.insert(subscriptions).values({
      ...{ email, emailHmac: Buffer.from(email), origin: "https://papers.example.org", status: "active" },
      ...{ ...usualChoices, topics: [], keywords: [], confirmedAt: NOW, nextDueAt: NOW },
    });
    const digest = () =>
      digestJob(orm, { now: () => NOW, follow: async () => {} }).run(new AbortController().signal);
    expect(await atOnce(paperId, () => deleteAccount(orm, userId, KEY), digest)).toMatchObject(done);
    expect([await orm.$count(users), await orm.$count(subscriptions)]).toEqual([0, 0]);
  });

  test("new versions of papers and the deletion of an account that voted for them", async () => {
    const ids = await arxivIds();
    const userId = await person("ada");
    for (const arxivId of ids) await castVote(orm, { paperId: await idOf(arxivId), userId }, { now: NOW });
    const versions = ids.map((arxivId) => recordWith({ arxivId, version: 2, title: `${arxivId}, second` }));
    const write = () => writePapers(orm, versions);
    // Whoever locks the later paper first waits here for the earlier one.
    const ended = await atOnce(await idOf(ids[0]), () => deleteAccount(orm, userId, KEY), write);
    expect(ended).toMatchObject(done);
    expect((await orm.select().from(papers)).map(({ votesCount }) => votesCount)).toEqual([0, 0]);
  });
});
