import { eq, inArray, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { arrivalNeighbors, auditLog, papers, submissions, users, votes } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { maintenanceJob } from "../jobs/maintenance.ts";
import { hotOf, hotWhenFeatured } from "../papers/ranking.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { castVote } from "../people/votes.ts";
import { arrivalDays, arrivalPage, countWaiting, PAGE } from "./arrivals.ts";
import { decidePaper, type PaperDecision } from "./decide.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const PERCEPTRON = "2412.08424";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let actor: string;
  let day: string;
  /** The paper of the seed whose abstract each has. */
  const copied = new Map([["2611.00001", PERCEPTRON]]);
  const run = () => maintenanceJob(database, { now: () => NOW }).run(new AbortController().signal);

  beforeAll(async () => {
    database = await openSeeded(open);
    ({ orm } = database);
    [{ id: actor }] = await orm
      .insert(users)
      .values({ email: "moderator@example.org", emailCanonicalHmac: new Uint8Array([1]) })
      .returning({ id: users.id });
    const seed = await orm.select().from(papers);
    const abstractOf = (arxivId: string) =>
      seed.find((paper) => paper.arxivId === arxivId)?.abstractText ?? "";
    const record = (arxivId: string, more: Parameters<typeof recordWith>[0] = {}) =>
      recordWith({ arxivId, title: `Paper ${arxivId}`, categories: ["cs.LG"], ...more });
    for (const [i, { arxivId }] of seed.entries()) copied.set(`2611.00${100 + i}`, arxivId);
    // Each with the words of a paper of the seed.
    await writePapers(orm, [
      ...[...copied].map(([arxivId, of]) => record(arxivId, { abstract: abstractOf(of) })),
      record("2611.00002", { title: "Paper 2611.00001", withdrawn: true }),
      record("2611.00003", { categories: ["hep-th"] }),
      ...Array.from({ length: 40 }, (_, i) => record(`2611.${1000 + i}0`, { abstract: `Number ${i}.` })),
    ]);
    const [{ today }] = (
      await orm
        .select({ today: sql<string>`to_char(now() at time zone 'UTC', 'YYYY-MM-DD')` })
        .from(papers)
        .limit(1)
    ).slice(0, 1);
    day = today;
    await run();
  });
  afterAll(() => database?.close());

  test("what came on a day is on its page with the nearest papers of the lists, suggested ones first", async () => {
    const [latest] = await arrivalDays(orm);
    expect(latest).toEqual({ day, came: await orm.$count(papers, sql`lane is null`), featured: 0 });
    expect(await countWaiting(orm, new Date())).toBe(latest.came);
    const page = await arrivalPage(orm, day, 0);
    expect([page.total, page.pages, page.papers.length]).toEqual([
      latest.came,
      Math.ceil(latest.came / PAGE),
      PAGE,
    ]);
    const suggested = page.papers.filter((paper) => paper.suggested);
    expect(suggested).toHaveLength(10);
    expect(page.papers.slice(0, 10)).toEqual(suggested);
    // The abstract is one of the seed's: no paper is closer.
    for (const { arxivId, near, authors } of suggested) {
      expect([arxivId, near[0].arxivId]).toEqual([arxivId, copied.get(arxivId)]);
      expect(authors).toEqual(["Ada Kovač"]);
    }
    expect(new Set(suggested.map(({ near: [first] }) => first.arxivId)).size).toBe(10);
    const rest = await arrivalPage(orm, day, 1);
    const all = [...page.papers, ...rest.papers];
    expect(new Set(all.map(({ arxivId }) => arxivId)).size).toBe(latest.came);
    const find = (arxivId: string) => all.find((paper) => paper.arxivId === arxivId);
    expect(find("2611.00002")).toMatchObject({
      refusal: "withdrawn",
      suggested: false,
      duplicates: ["2611.00001"],
    });
    expect(find("2611.00003")).toMatchObject({ refusal: "out of scope", suggested: false });
    expect(find("2611.00001")?.near[0]).toMatchObject({ arxivId: PERCEPTRON, votes: 0 });
    expect((await arrivalPage(orm, day, 9)).papers).toEqual([]);
    expect(await arrivalPage(orm, "2001-01-01", 0)).toMatchObject({ total: 0, pages: 1, papers: [] });
  });

  test("moderators read the latest note of a submitter, but for those of submissions that were refused", async () => {
    const arxivId = "2611.00001";
    const submission = { arxivId, userId: actor, submittedAt: NOW, decidedAt: NOW };
    const accepted = { ...submission, state: "accepted", lane: "daily" } as const;
    const notes = async () => (await arrivalPage(orm, day, 0)).papers.flatMap(({ note }) => note ?? []);
    expect(await notes()).toEqual([]);
    await orm
      .insert(submissions)
      .values([
        { ...accepted, note: "First" },
        { ...accepted, note: "Second" },
        accepted,
        { ...submission, state: "refused", reason: "not found", note: "Third" },
      ]);
    expect(await notes()).toEqual(["Second"]);
    await orm.delete(submissions);
  });

  test("a paper that was submitted long after it came is on the day of the submission alone", async () => {
    const arxivId = "2611.10000";
    const [{ createdAt }] = await orm.select().from(papers).where(eq(papers.arxivId, arxivId));
    const at = (days: number) => new Date(createdAt.getTime() - days * 86_400_000);
    const dayAt = (days: number) => at(days).toISOString().slice(0, 10);
    const on = async (days: number) =>
      (await arrivalPage(orm, dayAt(days), 0)).papers.map((paper) => paper.arxivId);
    const days = async () => (await arrivalDays(orm)).slice(1);
    const submission = { arxivId, userId: actor, submittedAt: at(9) };
    const accepted = { ...submission, state: "accepted", lane: "daily" } as const;
    await orm
      .update(papers)
      .set({ createdAt: at(8) })
      .where(eq(papers.arxivId, arxivId));
    await orm.insert(submissions).values([
      { ...submission, state: "refused", reason: "not found", decidedAt: at(2) },
      { ...submission, state: "pending" },
    ]);
    expect([await on(8), await on(2), await on(9)]).toEqual([[arxivId], [], []]);
    // Accepted, taken back, and accepted once more; the first before the paper was here as it is.
    await orm.insert(submissions).values([9, 5, 3].map((ago) => ({ ...accepted, decidedAt: at(ago) })));
    expect(await Promise.all([9, 8, 5, 3].map(on))).toEqual([[], [], [], [arxivId]]);
    expect(await days()).toEqual([{ day: dayAt(3), came: 1, featured: 0 }]);
    await orm.delete(submissions);
    expect(await days()).toEqual([{ day: dayAt(8), came: 1, featured: 0 }]);
    // As on the day's page, one that was hidden since is not featured.
    for (const hidden of [false, true]) {
      await orm
        .update(papers)
        .set({ lane: "daily", hot: 0, featuredAt: at(8), hidden })
        .where(eq(papers.arxivId, arxivId));
      const { featured } = await arrivalPage(orm, dayAt(8), 0);
      expect(featured).toBe(hidden ? 0 : 1);
      expect(await days()).toEqual([{ day: dayAt(8), came: 1, featured }]);
    }
    await orm
      .update(papers)
      .set({ lane: null, hot: null, featuredAt: null, hidden: false })
      .where(eq(papers.arxivId, arxivId));
    await orm.update(papers).set({ createdAt }).where(eq(papers.arxivId, arxivId));
    expect(await days()).toEqual([]);
  });

  test("votes for a paper bring those that are close to it forward, and nothing is computed twice", async () => {
    const computed = await orm.select().from(arrivalNeighbors);
    await run();
    expect(await orm.select().from(arrivalNeighbors)).toEqual(computed);
    const [paper] = await orm.select().from(papers).where(eq(papers.arxivId, PERCEPTRON));
    await castVote(orm, { paperId: paper.id, userId: actor }, { now: NOW });
    const [first] = (await arrivalPage(orm, day, 0)).papers;
    expect(first.near[0]).toMatchObject({ arxivId: PERCEPTRON, votes: 1 });
  });

  const decide = (arxivId: string, decision: PaperDecision) =>
    decidePaper(orm, { arxivId, decision, actor, now: NOW });
  const read = async (arxivId: string) =>
    (await orm.select().from(papers).where(eq(papers.arxivId, arxivId)))[0];

  test("a paper is featured once, in the lane of its age, with the votes that it has", async () => {
    const arxivId = "2611.00100";
    const { id } = await read(arxivId);
    const earlier = new Date("2026-11-19T12:00:00Z");
    await orm.insert(votes).values({ paperId: id, userId: actor, votedAt: earlier, weight: 1 });
    const outcomes = await Promise.all([decide(arxivId, "feature"), decide(arxivId, "feature")]);
    expect(outcomes.sort()).toEqual(["done", "unchanged"]);
    const hot = hotOf(NOW, [{ at: earlier, weight: 1 }]);
    expect(await read(arxivId)).toMatchObject({
      lane: "classic",
      featuredAt: NOW,
      featuredOn: "2026-11-20",
      hot,
    });
    await orm.update(papers).set({ publishedAt: earlier }).where(eq(papers.arxivId, "2611.00101"));
    expect(await decide("2611.00101", "feature")).toBe("done");
    expect(await read("2611.00101")).toMatchObject({
      lane: "daily",
      hot: hotWhenFeatured(NOW),
      submittedBy: null,
    });
    expect((await arrivalPage(orm, day, 0)).featured).toBe(2);
    expect(await decide(arxivId, "unfeature")).toBe("done");
    expect(await read(arxivId)).toMatchObject({ lane: null, featuredAt: null, featuredOn: null, hot: null });
    expect(await decide(arxivId, "unfeature")).toBe("unchanged");
  });

  test("decisions keep the order of the page, and hiding is undone by restoring", async () => {
    const order = async () => (await arrivalPage(orm, day, 0)).papers.map(({ arxivId }) => arxivId);
    const before = await order();
    const waiting = (await arrivalPage(orm, day, 0)).papers.filter(({ state }) => state === "waiting");
    const [first, second] = waiting.map(({ arxivId }) => arxivId);
    expect(await decide(first, "hide")).toBe("done");
    expect(await decide(second, "feature")).toBe("done");
    expect(await order()).toEqual(before);
    const shown = (await arrivalPage(orm, day, 0)).papers;
    const stateOf = (arxivId: string) => shown.find((paper) => paper.arxivId === arxivId)?.state;
    expect([stateOf(first), stateOf(second)]).toEqual(["hidden", "featured"]);
    expect(await decide(first, "feature")).toBe("hidden");
    expect(await decide(first, "restore")).toBe("done");
    expect(await decide(first, "restore")).toBe("unchanged");
    expect((await read(first)).hidden).toBe(false);
    const notes = await orm
      .select()
      .from(auditLog)
      .where(inArray(auditLog.subject, [`paper ${first}`, `paper ${second}`]));
    expect(notes.map(({ action, actor: who }) => [action, who])).toEqual([
      ["paper.hide", actor],
      ["paper.feature", actor],
      ["paper.restore", actor],
    ]);
  });

  test("what cannot be featured is not, and the seed's papers are not for this", async () => {
    expect(await decide("2611.00002", "feature")).toBe("withdrawn");
    expect(await decide("2611.00003", "feature")).toBe("out of scope");
    expect(await decide("2501.99999", "hide")).toBe("absent");
    for (const decision of ["unfeature", "hide"] as const)
      expect(await decide(PERCEPTRON, decision)).toBe("absent");
    expect((await read(PERCEPTRON)).featuredAt).not.toBeNull();
  });
});
