import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { claims, measurements, papers, users } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { syncRegistry } from "../papers/sync-registry.ts";
import { storeTopics } from "../search/topics/store.ts";
import { periodListView, trendingListView } from "./list-view.ts";

const DAY = { kind: "day", key: "2025-12-25" } as const;
const PERCEPTRON = "2412.08424";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    database = await openSeeded(open, syncRegistry, storeTopics);
    orm = database.orm;
  });
  afterAll(() => database?.close());

  const site = (now = "2025-12-25T12:00:00Z") => ({
    database,
    now: () => new Date(now),
  });
  const feed = (query = "", now?: string) => periodListView(site(now), DAY, new URLSearchParams(query));
  const entry = async () => (await feed()).entries.find(({ arxivId }) => arxivId === PERCEPTRON);

  test("the seed's day: order, labels, topics, the month's days, and no age before the first ingestion", async () => {
    const { entries, total, runnable, calendar, updated } = await feed();
    expect(entries.map(({ rank }) => rank)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(entries[0]).toMatchObject({ authorsCount: "3 authors", published: { label: "Jun 16" }, votes: 0 });
    expect(entries[0].topics.map(({ slug }) => slug)).toEqual(["second-order"]);
    expect(entries[2].published.label).toBe("Oct 8, 2019");
    expect((await feed("", "2026-03-01T00:00:00Z")).entries[0].published.label).toBe("Jun 16, 2025");
    expect([total, calendar, updated]).toEqual([21, { "2025-12-25": 21 }, undefined]);
    expect(entries.filter((paper) => paper.runnable)).toHaveLength(runnable);
  });

  test("filters count what they leave, and what they would without the filter for runnable papers", async () => {
    const convex = await feed("topic=convex");
    expect(convex.total).toBe(convex.entries.length);
    expect(convex.total).toBeLessThan(21);
    for (const { topics } of convex.entries) expect(topics.map(({ slug }) => slug)).toContain("convex");
    const both = await feed("topic=convex&runnable=1");
    expect(both).toMatchObject({ listed: convex.runnable, total: convex.total, runnable: convex.runnable });
    expect(await feed("min_votes=1")).toMatchObject({ listed: 0, total: 0, runnable: 0 });
  });

  test("a paper has its primary category on arXiv once that is known", async () => {
    expect((await entry())?.category).toBeNull();
    const ofPaper = eq(papers.arxivId, PERCEPTRON);
    await orm.update(papers).set({ primaryCategory: "cs.LG" }).where(ofPaper);
    expect((await entry())?.category).toBe("cs.LG");
    await orm.update(papers).set({ primaryCategory: null }).where(ofPaper);
  });

  test("claims have official verdicts where the paper was measured", async () => {
    const [{ id }] = await orm.select({ id: papers.id }).from(papers).where(eq(papers.arxivId, PERCEPTRON));
    expect((await entry())?.runnable?.official).toBeUndefined();
    await orm.insert(measurements).values({
      ...{ paperId: id, experiment: "equivalence", profile: "quick", version: "0.1.0", seeds: 20, ms: 1 },
      ...{ checks: [], undecided: [], measuredAt: new Date(Date.UTC(2025, 11, 2)) },
      environment: { runtime: "Node 24.0.0", platform: "linux x64", cores: 2 },
    });
    const [first, second] = (await entry())?.runnable?.claims ?? [];
    await orm
      .update(claims)
      .set({ verdict: "held" })
      .where(and(eq(claims.paperId, id), eq(claims.code, first)));
    await orm
      .update(claims)
      .set({ verdict: "mixed" })
      .where(and(eq(claims.paperId, id), eq(claims.code, second)));
    expect((await entry())?.runnable?.official?.slice(0, 3)).toEqual(["held", "mixed", "not run"]);
    await orm.delete(measurements);
    await orm.update(claims).set({ verdict: "not run" });
  });

  test("a submitter is named when the account has a name", async () => {
    const address = { emailCanonicalHmac: new Uint8Array([1]), email: "ada@readers.example" };
    const [{ id }] = await orm.insert(users).values(address).returning({ id: users.id });
    await orm.update(papers).set({ submittedBy: id }).where(eq(papers.arxivId, PERCEPTRON));
    expect((await entry())?.submitter).toBeUndefined();
    await orm.update(users).set({ name: "Ada" }).where(eq(users.id, id));
    expect((await entry())?.submitter).toBe("Ada");
    await orm.delete(users).where(eq(users.id, id));
  });

  test("trending is the order by score, its own usual order", async () => {
    const { entries, sort, usualSort } = await trendingListView(site(), new URLSearchParams());
    expect([sort, usualSort, entries.length]).toEqual(["trending", "trending", 21]);
    expect(entries.map(({ arxivId }) => arxivId)).toEqual(
      (await feed()).entries.map(({ arxivId }) => arxivId),
    );
  });
});
