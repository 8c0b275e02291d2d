import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { papers, submissions, users } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { openArxiv } from "../ingestion/arxiv/client.ts";
import {
  type FakeArxiv,
  type FakePaper,
  fakeArxiv,
  type Mood,
  simulatedTime,
} from "../ingestion/testing/fake-arxiv.ts";
import { paperByArxivId } from "../papers/papers.ts";
import { hotWhenFeatured } from "../papers/ranking.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { deleteAccount, exportAccount } from "../people/account.ts";
import { pendingJob } from "./pending.ts";
import { ownSubmission } from "./request.ts";
import { type Refusal, secondsUntilAllowed } from "./rules.ts";
import { lookAt, mayNotSubmitBefore, submissionsOf, submitPaper } from "./submit.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const DAY = 86_400_000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY);

function fakePaper(id: string, days: number, more: Partial<FakePaper> = {}): FakePaper {
  const at = daysAgo(days);
  return { id, title: `Paper ${id}`, category: "cs.LG", versions: [at], announced: at, ...more };
}

const PAPERS = [
  fakePaper("1412.6980", 4000),
  ...Array.from({ length: 8 }, (_, i) => fakePaper(`2611.0000${i}`, 2)),
  ...Array.from({ length: 5 }, (_, i) => fakePaper(`2506.0000${i}`, 200)),
  fakePaper("2611.00010", 14),
  fakePaper("2611.00011", 14.001),
  fakePaper("2611.00020", 1, { category: "hep-th" }),
  fakePaper("2611.00021", 1, { comment: "This paper has been withdrawn by the authors" }),
  fakePaper("math/0611800", 7000, { category: "math.OC" }),
];

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let server: FakeArxiv;
  let mood: Mood;
  let time: ReturnType<typeof simulatedTime>;
  let client: ReturnType<typeof openArxiv>;
  beforeAll(async () => {
    database = await open();
    ({ orm } = database);
    await migrate(orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await orm.execute(sql`truncate papers, submissions, users, request_turns cascade`);
    mood = "well";
    time = simulatedTime(NOW);
    server = await fakeArxiv({ papers: () => PAPERS, now: time.now, mood: () => mood });
    client = openArxiv(orm, { ...server, userAgent: "gradus", timing: time });
  });
  afterEach(() => server.close());

  async function person(name: string, createdAt = daysAgo(2)): Promise<string> {
    const email = `${name}@readers.example`;
    const [{ id }] = await orm
      .insert(users)
      .values({ email, emailCanonicalHmac: Buffer.from(email), confirmedAt: createdAt, createdAt })
      .returning({ id: users.id });
    return id;
  }
  const context = (userId: string, now = NOW) => ({ client, userId, now });
  const submit = (userId: string, typed: string, now = NOW) =>
    submitPaper(orm, typed, {}, context(userId, now));
  const refused = (refusal: Refusal) => expect.objectContaining({ kind: "refused", refusal });

  test("a young paper is featured in the daily lane, with its submitter, code and score", async () => {
    const ada = await person("ada");
    const additions = { codeUrl: "https://github.com/ada/steps", note: "Worth a look" };
    const submitted = await submitPaper(orm, "https://arxiv.org/abs/2611.00001v1", additions, context(ada));
    expect(submitted).toEqual({ kind: "accepted", arxivId: "2611.00001", lane: "daily" });
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({
      lane: "daily",
      featuredAt: NOW,
      hot: hotWhenFeatured(NOW),
      submittedBy: ada,
      codeUrl: "https://github.com/ada/steps",
      abstractKind: "source",
    });
    expect(server.requests).toHaveLength(1);
    expect(await exportAccount(orm, ada)).toMatchObject({
      submissions: [{ paper: "2611.00001", state: "accepted", note: "Worth a look" }],
    });
    await deleteAccount(orm, ada, Buffer.alloc(32));
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ featuredAt: NOW, submittedBy: null });
    expect(await orm.select().from(submissions)).toMatchObject([{ arxivId: "2611.00001", note: null }]);
  });

  test.each<[string, "daily" | "classic"]>([
    ["2611.00010", "daily"],
    ["2611.00011", "classic"],
    ["math.OC/0611800v2", "classic"],
  ])("%s is in the %s lane", async (typed, lane) => {
    expect(await submit(await person("ada"), typed)).toMatchObject({ kind: "accepted", lane });
  });

  test.each<[string, string, Refusal]>([
    ["no identifier", "not a paper", "malformed"],
    ["another site", "https://arxiv.org@evil.example/abs/2611.00001", "malformed"],
    ["a paper that arXiv does not have", "2611.09999", "not found"],
    ["a withdrawn paper", "2611.00021", "withdrawn"],
    ["a paper of another field", "2611.00020", "out of scope"],
  ])("%s is refused", async (_name, typed, refusal) => {
    const ada = await person("ada");
    expect(await lookAt(orm, typed, context(ada))).toEqual(refused(refusal));
    expect(await submit(ada, typed)).toEqual(refused(refusal));
    expect(await orm.$count(submissions)).toBe(0);
    // What is stored can be found, and is related to others.
    expect(await orm.$count(papers)).toBe(0);
    if (refusal === "malformed") expect(server.requests).toEqual([]);
  });

  test("a young account is refused, and no paper is looked up for it; at 24 hours it is not", async () => {
    const young = await person("young", new Date(NOW.getTime() - DAY + 1));
    expect(await submit(young, "2611.00001")).toEqual(refused("young account"));
    expect(server.requests).toEqual([]);
    expect(await mayNotSubmitBefore(orm, young, NOW)).toEqual(new Date(NOW.getTime() + 1));
    const old = await person("old", daysAgo(1));
    expect(await mayNotSubmitBefore(orm, old, NOW)).toBeUndefined();
    expect(await submit(old, "2611.00001")).toMatchObject({ kind: "accepted" });
  });

  test("a paper is featured once: later submitters are sent to its vote", async () => {
    await submit(await person("ada"), "2611.00001");
    const again = await submit(await person("ben"), "arXiv:2611.00001v3");
    expect(again).toEqual({ kind: "refused", refusal: "featured", arxivId: "2611.00001" });
  });

  test("a featured paper that was hidden is removed: in the submitter's list, and to whoever submits it again", async () => {
    const ada = await person("ada");
    await submit(ada, "2611.00001");
    await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, "2611.00001"));
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "accepted", hidden: true }]);
    expect(await submit(await person("ben"), "2611.00001")).toEqual(refused("hidden"));
  });

  test("hidden and incomplete papers are refused", async () => {
    const ada = await person("ada");
    await writePapers(orm, [
      recordWith({ arxivId: "2611.00001" }),
      recordWith({ arxivId: "2611.00002", abstract: "", incomplete: true }),
    ]);
    await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, "2611.00001"));
    expect(await submit(ada, "2611.00001")).toEqual(refused("hidden"));
    expect(await submit(ada, "2611.00002")).toEqual(refused("incomplete"));
    // What is here is not asked for again.
    expect(server.requests).toEqual([]);
  });

  test("a person submits five papers a day, and more on the next", async () => {
    const ada = await person("ada");
    for (let i = 0; i < 5; i++) expect((await submit(ada, `2611.0000${i}`)).kind).toBe("accepted");
    expect(await submit(ada, "2611.00005")).toEqual(refused("too many"));
    expect((await submit(await person("ben"), "2611.00005")).kind).toBe("accepted");
    const midnight = new Date("2026-11-21T00:00:00Z");
    expect(secondsUntilAllowed("too many", NOW)).toBe((midnight.getTime() - NOW.getTime()) / 1000);
    expect((await submit(ada, "2611.00006", midnight)).kind).toBe("accepted");
  });

  test("a submission that arXiv does not have is none of the five", async () => {
    const ada = await person("ada");
    mood = { status: 503 };
    expect((await submit(ada, "2611.09999")).kind).toBe("pending");
    mood = "well";
    time.set(new Date(NOW.getTime() + 3_600_000));
    await pendingJob(orm, { client, now: time.now, index: async () => {} }).run(new AbortController().signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "refused", reason: "not found" }]);
    expect(await ownSubmission(orm, ada, "2611.09999")).toBeUndefined();
    for (let i = 0; i < 5; i++)
      expect((await submit(ada, `2611.0000${i}`, time.now())).kind).toBe("accepted");
    expect(await submit(ada, "2611.00005", time.now())).toEqual(refused("too many"));
    expect(await ownSubmission(orm, ada, "2611.00001")).toMatchObject({ state: "accepted", lane: "daily" });
    expect(await ownSubmission(orm, await person("ben"), "2611.00001")).toBeUndefined();
  });

  test("the site takes three classics a day, also when four come at once", async () => {
    const people = await Promise.all([0, 1, 2, 3].map((i) => person(`reader${i}`)));
    await writePapers(
      orm,
      [0, 1, 2, 3].map((i) =>
        recordWith({ arxivId: `2506.0000${i}`, title: `Classic ${i}`, publishedAt: daysAgo(200) }),
      ),
    );
    const results = await Promise.all(people.map((id, i) => submit(id, `2506.0000${i}`)));
    expect(results.filter(({ kind }) => kind === "accepted")).toHaveLength(3);
    expect(results).toContainEqual(refused("classics full"));
    expect((await submit(people[0], "2506.00004", new Date("2026-11-21T00:00:00Z"))).kind).toBe("accepted");
  });

  test("a classic that was submitted yesterday counts on the day on which it is decided", async () => {
    mood = { status: 503 };
    expect((await submit(await person("ada"), "2506.00000")).kind).toBe("pending");
    mood = "well";
    const today = new Date("2026-11-21T00:00:00Z");
    time.set(today);
    await pendingJob(orm, { client, now: time.now, index: async () => {} }).run(new AbortController().signal);
    for (const i of [1, 2])
      expect(await submit(await person(`reader${i}`), `2506.0000${i}`, today)).toMatchObject({
        lane: "classic",
      });
    expect(await submit(await person("ben"), "2506.00003", today)).toEqual(refused("classics full"));
  });

  test("a submitter's address of code does not replace the authors'", async () => {
    const [own, sent] = ["https://github.com/authors/steps", "https://github.com/ada/steps"];
    await writePapers(orm, [recordWith({ arxivId: "2611.00001", publishedAt: daysAgo(2), codeUrl: own })]);
    const submitted = await submitPaper(orm, "2611.00001", { codeUrl: sent }, context(await person("ada")));
    expect(submitted).toMatchObject({ kind: "accepted" });
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ codeUrl: own });
  });

  test("while arXiv does not answer a submission waits, and is decided when it does", async () => {
    const ada = await person("ada");
    mood = { status: 503 };
    expect(await lookAt(orm, "2611.00001", context(ada))).toEqual({
      kind: "unavailable",
      arxivId: "2611.00001",
    });
    // arXiv wants no request for a minute: nobody waits, and nothing is sent.
    expect(await submit(ada, "2611.00001")).toEqual({ kind: "pending", arxivId: "2611.00001" });
    expect(server.requests).toHaveLength(1);
    expect(await submit(await person("ben"), "2611.00001")).toEqual(refused("waiting"));
    let indexed = 0;
    const job = pendingJob(orm, { client, now: time.now, index: async () => void indexed++ });
    const { signal } = new AbortController();
    await job.run(signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "pending", title: null }]);
    mood = "empty";
    time.set(new Date(NOW.getTime() + 3_600_000));
    await job.run(signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "pending" }]);
    mood = "well";
    time.set(new Date(NOW.getTime() + 7_200_000));
    await job.run(signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "accepted", title: "Paper 2611.00001" }]);
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ lane: "daily", submittedBy: ada });
    expect(indexed).toBe(1);
  });

  test("a paper that a moderator hides while its submission waits is not featured", async () => {
    const ada = await person("ada");
    mood = { status: 503 };
    expect((await submit(ada, "2611.00001")).kind).toBe("pending");
    await writePapers(orm, [recordWith({ arxivId: "2611.00001", publishedAt: daysAgo(1) })]);
    await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, "2611.00001"));
    await pendingJob(orm, { client, now: time.now, index: async () => {} }).run(new AbortController().signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "refused", reason: "hidden" }]);
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ featuredAt: null });
  });

  test("of a paper that is featured while its submission waits arXiv is not asked", async () => {
    const ada = await person("ada");
    mood = { status: 503 };
    expect((await submit(ada, "2611.00001")).kind).toBe("pending");
    mood = "well";
    time.set(new Date(NOW.getTime() + 3_600_000));
    // As papers of the seed are, without arXiv's own text.
    const flattened = { abstractKind: "flattened" as const, publishedAt: daysAgo(1) };
    await writePapers(orm, [recordWith({ arxivId: "2611.00001", ...flattened })]);
    await orm.update(papers).set({ featuredAt: NOW, hot: 1 }).where(eq(papers.arxivId, "2611.00001"));
    const { length: asked } = server.requests;
    await pendingJob(orm, { client, now: time.now, index: async () => {} }).run(new AbortController().signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "refused", reason: "featured" }]);
    expect(server.requests).toHaveLength(asked);
  });

  test("after 48 hours it is given up", async () => {
    const ada = await person("ada");
    mood = "cut";
    expect((await submit(ada, "2611.00001")).kind).toBe("pending");
    const job = pendingJob(orm, { client, now: time.now, index: async () => {} });
    time.set(new Date(NOW.getTime() + 48 * 3_600_000 - 1));
    await job.run(new AbortController().signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "pending" }]);
    time.set(new Date(NOW.getTime() + 48 * 3_600_000));
    await job.run(new AbortController().signal);
    expect(await submissionsOf(orm, ada)).toMatchObject([{ state: "refused", reason: "unavailable" }]);
    // Once arXiv answers, the paper may come again.
    mood = "well";
    time.set(new Date(NOW.getTime() + 50 * 3_600_000));
    expect(await submit(ada, "2611.00001", time.now())).toMatchObject({ kind: "accepted", lane: "daily" });
  });

  /** The client, which first does something else. */
  const clientAfter = (first: () => Promise<unknown>): typeof client => ({
    ...client,
    async query(...request) {
      await first();
      return client.query(...request);
    },
  });

  test("what somebody else submits while a paper is looked up waits already", async () => {
    const [ada, ben] = [await person("ada"), await person("ben")];
    mood = "cut";
    const slow = clientAfter(() => submit(ben, "2611.00001"));
    const answer = await submitPaper(orm, "2611.00001", {}, { ...context(ada), client: slow });
    expect(answer).toEqual(refused("waiting"));
    expect(await orm.$count(submissions)).toBe(1);
  });

  test("a paper of an account that is deleted while it is looked up is featured without a person", async () => {
    const ada = await person("ada");
    mood = "cut";
    await submit(ada, "2611.00001");
    mood = "well";
    time.set(new Date(NOW.getTime() + 2 * 3_600_000));
    const slow = clientAfter(() => deleteAccount(orm, ada, Buffer.alloc(32)));
    const job = pendingJob(orm, { client: slow, now: time.now, index: async () => {} });
    await job.run(new AbortController().signal);
    expect(await orm.select().from(submissions)).toMatchObject([{ state: "accepted", userId: null }]);
    const [paper] = await orm.select().from(papers).where(eq(papers.arxivId, "2611.00001"));
    expect(paper).toMatchObject({ lane: "daily", submittedBy: null });
  });
});
