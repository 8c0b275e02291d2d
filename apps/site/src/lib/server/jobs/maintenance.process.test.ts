import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import {
  embeddingModels,
  paperEmbeddings,
  papers,
  relatedPapers,
  termStats,
  users,
  votes,
} from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { modelReader } from "../search/embedding/store.ts";
import { search } from "../search/search.ts";
import { storeTopics } from "../search/topics/store.ts";
import { maintenanceJob } from "./maintenance.ts";

const DAY = 86_400_000;
const start = Date.parse("2025-12-25T12:00:00Z");
const { signal } = new AbortController();

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, storeTopics);
  });
  afterAll(() => database?.close());
  afterEach(() => vi.restoreAllMocks());
  const maintain = () => maintenanceJob(database, { now: () => new Date(start) }).run(signal);

  test("what was indexed can be searched", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const { orm } = database;
    await maintain();
    const model = await modelReader()(orm);
    expect((await search(orm, "Nutini", { model })).papers).toHaveLength(1);
    expect(await orm.$count(paperEmbeddings)).toBe(21);
  });

  test("votes of accounts that have turned a day old begin to count in the ranking", async () => {
    const { orm } = database;
    const [paper] = await orm.select().from(papers).where(eq(papers.arxivId, "1806.07572"));
    const confirmedAt = new Date(start - DAY - 1);
    const [{ id: userId }] = await orm
      .insert(users)
      .values({
        email: "reader@example.org",
        emailCanonicalHmac: new Uint8Array(32),
        confirmedAt,
        createdAt: confirmedAt,
      })
      .returning({ id: users.id });
    await orm
      .insert(votes)
      .values({ paperId: paper.id, userId, votedAt: new Date(start - DAY / 2), weight: 0 });
    await maintain();
    expect(await orm.select({ weight: votes.weight }).from(votes)).toEqual([{ weight: 1 }]);
    const [after] = await orm.select().from(papers).where(eq(papers.id, paper.id));
    expect(after.hot).toBeGreaterThan(paper.hot ?? Number.NaN);
    await orm.delete(users).where(eq(users.id, userId));
    await orm.update(papers).set({ hot: paper.hot }).where(eq(papers.id, paper.id));
  });

  test("a paper whose text changed is found by its new words, has new vectors and is counted anew", async () => {
    const { orm } = database;
    const [{ id }] = await orm.select().from(papers).where(eq(papers.arxivId, "1806.07572"));
    const before = await orm.select().from(paperEmbeddings).where(eq(paperEmbeddings.paperId, id));
    await orm
      .update(papers)
      .set({ title: "Zebras in Hilbert spaces", abstractText: "Perceptrons and zebras.", tsv: null })
      .where(eq(papers.id, id));
    await maintain();
    expect((await search(orm, "zebra")).papers.map((paper) => paper.id)).toEqual([id]);
    expect(await orm.select().from(termStats).where(eq(termStats.lexeme, "zebra"))).toEqual([
      { lexeme: "zebra", df: 1 },
    ]);
    expect(await orm.select().from(termStats).where(eq(termStats.lexeme, ""))).toEqual([
      { lexeme: "", df: 21 },
    ]);
    const after = await orm.select().from(paperEmbeddings).where(eq(paperEmbeddings.paperId, id));
    expect(after).toHaveLength(1);
    expect(after[0].embedding).not.toEqual(before[0].embedding);
  });

  test("counts are those of the database's own count over all papers", async () => {
    const { orm } = database;
    await orm.update(papers).set({ hidden: true, tsv: null }).where(eq(papers.arxivId, "1806.07572"));
    await maintain();
    const counted = await orm.select().from(termStats).where(sql`lexeme <> ''`);
    const own = rowsOf<{ lexeme: string; df: number }>(
      await orm.execute(sql`
        select word as lexeme, ndoc as df from ts_stat('select tsv from papers where not hidden')`),
    );
    const byLexeme = (rows: readonly { lexeme: string; df: number }[]) =>
      new Map(rows.map(({ lexeme, df }) => [lexeme, df]));
    expect(own.length).toBeGreaterThan(500);
    expect(byLexeme(counted)).toEqual(byLexeme(own));
  });

  test("the model is fitted anew a week after the papers changed, and the old one goes", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const { orm } = database;
    let now = start;
    const job = maintenanceJob(database, { now: () => new Date(now) });
    await job.run(signal);
    const first = await orm.select().from(embeddingModels);
    expect(first).toMatchObject([{ active: true, papersCount: 21 }]);
    const removed = await orm.delete(papers).where(eq(papers.hidden, true)).returning();
    expect(removed).toHaveLength(1);
    now += 6 * DAY;
    await job.run(signal);
    expect((await orm.select().from(embeddingModels)).map(({ id }) => id)).toEqual([first[0].id]);
    now += DAY;
    await job.run(signal);
    const second = await orm.select().from(embeddingModels);
    expect(second).toMatchObject([{ active: true, papersCount: 20 }]);
    expect(second[0].id).not.toBe(first[0].id);
    expect(await orm.$count(paperEmbeddings)).toBe(20);
    expect(await orm.$count(relatedPapers)).toBeGreaterThan(20);
  });

  test("the start and the queue may ask at once, also where there is no model yet", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const { orm } = database;
    await orm.delete(embeddingModels);
    const job = maintenanceJob(database, { now: () => new Date(start) });
    await Promise.all([job.run(signal), job.run(signal), job.run(signal)]);
    expect(await orm.select().from(embeddingModels)).toMatchObject([{ active: true }]);
    expect(await orm.$count(paperEmbeddings)).toBe(await orm.$count(papers));
  });

  test("one that fails does not keep the next from its turn", async () => {
    const { orm } = database;
    let asked = 0;
    const job = maintenanceJob(database, {
      now() {
        asked += 1;
        if (asked === 1) throw new Error("no clock");
        return new Date(start);
      },
    });
    // On a server either may be the one that asks for the time.
    const both = await Promise.allSettled([job.run(signal), job.run(signal)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await orm.$count(embeddingModels)).toBe(1);
  });

  test("one that is stopped does nothing", async () => {
    const { orm } = database;
    await orm.update(papers).set({ tsv: null });
    const job = maintenanceJob(database, { now: () => new Date(start) });
    await expect(job.run(AbortSignal.abort())).rejects.toThrow("aborted");
    expect(await orm.$count(papers, sql`tsv is null`)).toBe(20);
  });
});
