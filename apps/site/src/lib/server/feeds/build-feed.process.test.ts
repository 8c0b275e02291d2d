import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { paperAuthors, papers } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import seed from "../papers/seed/seed-papers.json" with { type: "json" };
import { modelReader, updateEmbedding } from "../search/embedding/store.ts";
import { indexPapers } from "../search/index-papers.ts";
import { storeTopics } from "../search/topics/store.ts";
import { buildFeed, type FeedQuery, type FeedSource } from "./build-feed.ts";
import type { Feed } from "./feed.ts";

const origin = "https://papers.example.org:8443";
const usual: FeedQuery = { view: "new", topic: [], runnable: "0", min_votes: 0, limit: 50 };

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let site: FeedSource;
  beforeAll(async () => {
    database = await openSeeded(open, storeTopics, indexPapers);
    const { orm } = database;
    const now = new Date("2025-12-25T12:00:00Z");
    await updateEmbedding(orm, now);
    const read = modelReader();
    site = { database, now: () => now, model: () => read(orm) };
  });
  afterAll(() => database?.close());

  const feed = (query: Partial<FeedQuery> = {}) =>
    buildFeed(site, { ...usual, ...query }, { origin, file: "/feed.atom", usualLimit: 50 });
  const ids = ({ items }: Feed) => items.map(({ id }) => id.split(":").at(-1));

  test("each view has the seed in its order; ids hold the host, not the port", async () => {
    for (const view of ["day", "week", "month", "trending", "new"] as const)
      expect(ids(await feed({ view }))).toEqual(seed.map(({ arxivId }) => arxivId));
    const [first] = (await feed()).items;
    expect(first.id).toBe(`tag:papers.example.org,2025:paper:${seed[0].arxivId}`);
    expect(first.url).toBe(`${origin}/papers/${seed[0].arxivId}`);
    expect((await feed({ limit: 3 })).items).toHaveLength(3);
  });

  test("a feed leads to the page of the same list", async () => {
    const pages = await Promise.all([
      feed({ view: "day", topic: ["convex"] }),
      feed({ view: "week", runnable: "1" }),
      feed({ view: "month", min_votes: 5 }),
      feed({ view: "trending", limit: 3 }),
      feed(),
      feed({ q: "hessian spectrum" }),
    ]);
    expect(pages.map(({ pageUrl }) => pageUrl.slice(origin.length))).toEqual([
      "/papers?topic=convex",
      "/papers/week/2025-W52?runnable=1",
      "/papers/month/2025-12?min_votes=5",
      "/papers/trending",
      "/papers/trending?sort=new",
      "/papers?q=hessian+spectrum",
    ]);
  });

  test("a query and a least number of votes change the items; votes do not change an item", async () => {
    const [voted] = seed;
    const before = (await feed()).items.find(({ id }) => id.endsWith(voted.arxivId));
    await database.orm.update(papers).set({ votesCount: 5 }).where(eq(papers.arxivId, voted.arxivId));
    const after = (await feed()).items.find(({ id }) => id.endsWith(voted.arxivId));
    expect(after).toEqual(before);
    expect(ids(await feed({ min_votes: 5 }))).toEqual([voted.arxivId]);
    expect((await feed({ min_votes: 6 })).items).toEqual([]);
    expect(ids(await feed({ q: "spectrum of the Hessian bulk and outliers" }))[0]).toBe(seed[10].arxivId);
    expect(ids(await feed({ q: "hessian", min_votes: 5 }))).toEqual([voted.arxivId]);
    expect(ids(await feed({ topic: ["coordinate-descent"] }))).toEqual([seed[9].arxivId]);
    await database.orm.update(papers).set({ votesCount: 0 });
  });

  test("a new version dates an item anew", async () => {
    const updated = new Date("2026-02-03T04:05:06Z");
    const [{ arxivId }] = seed;
    await database.orm.update(papers).set({ arxivUpdatedAt: updated }).where(eq(papers.arxivId, arxivId));
    const [item] = (await feed()).items;
    expect(item.updated).toEqual(updated);
    expect(item.published).toEqual(new Date("2025-12-25T00:00:20Z"));
    await database.orm.update(papers).set({ arxivUpdatedAt: null });
  });

  test("while papers are taken away and stored again, every feed has all of them or none", async () => {
    const chosen = seed.slice(0, 10).map(({ arxivId }) => arxivId);
    const rows = await database.orm.select().from(papers).where(inArray(papers.arxivId, chosen));
    const authors = await database.orm
      .select()
      .from(paperAuthors)
      .where(
        inArray(
          paperAuthors.paperId,
          rows.map(({ id }) => id),
        ),
      );
    const ofPaper = Map.groupBy(authors, ({ paperId }) => paperId);
    async function ingest(): Promise<void> {
      await database.orm.transaction(async (tx) => {
        await tx.delete(papers).where(inArray(papers.arxivId, chosen));
        for (const { id, featuredOn: _, ...row } of rows) {
          const [stored] = await tx.insert(papers).values(row).returning({ id: papers.id });
          const names = ofPaper.get(id) ?? [];
          await tx.insert(paperAuthors).values(names.map((name) => ({ ...name, paperId: stored.id })));
        }
      });
    }
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 8; i++) await ingest();
      writing = false;
    })();
    let feeds = 0;
    while (writing || feeds < 8) {
      const { items } = await feed({ view: "day" });
      feeds += 1;
      expect(items).toHaveLength(seed.length);
      for (const item of items)
        expect(item.authors).toEqual(seed.find(({ arxivId }) => item.id.endsWith(arxivId))?.authors);
    }
    await writer;
    expect(feeds).toBeGreaterThanOrEqual(8);
  });
});
