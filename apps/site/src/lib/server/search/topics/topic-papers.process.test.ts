import { eq, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../database/connect.ts";
import { papers, paperTopics, topicMentions } from "../../database/schema/index.ts";
import { engines, openSeeded } from "../../database/testing.ts";
import entries from "../../papers/seed/seed-papers.json" with { type: "json" };
import { modelReader, updateEmbedding } from "../embedding/store.ts";
import { indexPapers, indexTopics } from "../index-papers.ts";
import { agreedTopics, decideMentions } from "./agree.ts";
import { storeTopics } from "./store.ts";
import { syntheticAbstracts } from "./synthetic-abstracts.ts";

/** The specification's table: the topics of the seed's papers, by their numbers. */
const SEED = {
  "second-order": [1, 5, 11, 13],
  "stochastic-gradients": [5, 6, 16, 19],
  convex: [1, 7],
  "constrained-bilevel": [13, 20],
  "coordinate-descent": [10],
  "derivative-free": [18],
  "deep-theory": [5, 7, 9, 11, 12, 15, 19],
  "approximation-theory": [2, 3],
  "scientific-computing": [3, 8],
  generative: [9, 21],
  distributed: [14],
  explanation: [17],
  classification: [4, 12],
};
const NOW = new Date("2025-12-25T12:00:00Z");

test("an abstract's mention counts where its topic is one of the three nearest, and stands out", () => {
  const usual = { mean: 0.1, deviation: 0.1 };
  const cosines = new Map([
    ["convex", 0.5],
    ["generative", 0.3],
    ["explanation", 0.25],
    ["distributed", 0.24],
  ]);
  expect(agreedTopics(["distributed", "generative", "convex"], cosines, usual)).toEqual([
    "generative",
    "convex",
  ]);
  // Two deviations are half of four, one and a half more than a third of them; but from a nearer one on they are not.
  expect(agreedTopics(["explanation"], cosines, usual)).toEqual(["explanation"]);
  expect(agreedTopics(["explanation"], cosines.set("convex", 0.6), usual)).toEqual([]);
  expect(agreedTopics(["convex"], new Map([["convex", 0.15]]), usual)).toEqual([]);
  expect(agreedTopics(["convex"], new Map(), usual)).toEqual([]);
});

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, storeTopics);
  });
  afterAll(() => database?.close());

  /** Indexes what is new, as the site's maintenance does. */
  async function index(): Promise<void> {
    const { orm } = database;
    await indexPapers(orm);
    await updateEmbedding(orm, NOW);
    const model = await modelReader()(orm);
    if (!model) throw new Error("no model was fitted");
    await indexTopics(orm, model);
  }

  /** The topics of every paper, by its arXiv identifier. */
  async function topicsOf(): Promise<Map<string, string[]>> {
    const rows = await database.orm
      .select({ arxivId: papers.arxivId, topic: paperTopics.topic })
      .from(paperTopics)
      .innerJoin(papers, eq(papers.id, paperTopics.paperId));
    const grouped = Map.groupBy(rows, ({ arxivId }) => arxivId);
    return new Map([...grouped].map(([id, own]) => [id, own.map(({ topic }) => topic).sort()]));
  }

  function expectTable(found: ReadonlyMap<string, readonly string[]>): void {
    const table = Object.keys(SEED).map((topic) => [
      topic,
      entries.flatMap(({ arxivId }, i) => (found.get(arxivId)?.includes(topic) ? [i + 1] : [])),
    ]);
    expect(Object.fromEntries(table)).toEqual(SEED);
  }

  test("the seed's papers have exactly the topics of the specification, and are found by their labels", async () => {
    await index();
    expectTable(await topicsOf());
    const labeled = await database.orm.execute(
      "select arxiv_id from papers where ts_filter(tsv, '{c}') @@ to_tsquery('english', 'approximation <-> theory') order by arxiv_id",
    );
    expect(JSON.stringify(labeled)).toMatch(/1910\.03193.*2008\.08427/s);
  });

  test("of the chips of 40 other abstracts at least 95 % are right, and at least three quarters of the right ones are there; the seed keeps its own", async () => {
    expect(syntheticAbstracts).toHaveLength(40);
    await database.orm.insert(papers).values(
      syntheticAbstracts.map(({ title, abstract }, i) => ({
        arxivId: `2601.${String(i + 1).padStart(5, "0")}`,
        title,
        abstractRaw: abstract,
        abstractKind: "source" as const,
        abstractText: abstract,
        abstractHtml: abstract,
        abstractExcerptHtml: abstract,
        authorsCount: 0,
        contentHash: String(i),
        publishedAt: NOW,
        lane: "daily" as const,
      })),
    );
    await index();
    const found = await topicsOf();
    const wrong: string[] = [];
    const missing: string[] = [];
    let shown = 0;
    let right = 0;
    for (const [i, { title, topics }] of syntheticAbstracts.entries()) {
      const own = found.get(`2601.${String(i + 1).padStart(5, "0")}`) ?? [];
      shown += own.length;
      right += topics.length;
      wrong.push(...own.filter((topic) => !topics.includes(topic)).map((topic) => `${topic}: ${title}`));
      missing.push(...topics.filter((topic) => !own.includes(topic)).map((topic) => `${topic}: ${title}`));
    }
    expect(wrong.length / shown, wrong.join("\n")).toBeLessThanOrEqual(0.05);
    expect(missing.length / right, missing.join("\n")).toBeLessThanOrEqual(0.25);
    expectTable(found);
  });

  test("a mention waits for the embedding, and is decided anew by another one", async () => {
    const { orm } = database;
    const mentions = async () => orm.select().from(topicMentions);
    const decided = await mentions();
    expect(decided.length).toBeGreaterThan(0);
    expect(decided.filter(({ modelId }) => modelId === null)).toEqual([]);
    const before = await topicsOf();
    await storeTopics(orm, []);
    expect(await topicsOf()).toEqual(new Map());
    await storeTopics(orm);
    expect((await mentions()).filter(({ modelId }) => modelId !== null)).toEqual([]);
    const titles = await topicsOf();
    expect(titles.get("2008.08427")).toBeUndefined();
    await index();
    expect(await topicsOf()).toEqual(before);
  });

  test("where no mention waits, neither topics nor vectors are read", async () => {
    const { orm } = database;
    const model = await modelReader()(orm);
    if (!model) throw new Error("the seed has a model");
    const asked: string[] = [];
    const watched = new Proxy(orm, {
      get(target, key) {
        if (key !== "execute") asked.push(String(key));
        const value: unknown = Reflect.get(target, key);
        if (key !== "execute" || typeof value !== "function") return value;
        return (statement: SQL) => {
          asked.push(new PgDialect().sqlToQuery(statement).sql.trim().split(/\s+/).slice(0, 2).join(" "));
          return Reflect.apply(value, target, [statement]);
        };
      },
    });
    expect(await decideMentions(watched, model)).toEqual([]);
    expect(asked).toEqual(["select exists"]);
  });
});
