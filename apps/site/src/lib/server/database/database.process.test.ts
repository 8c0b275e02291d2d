import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrations, type SchemaStep } from "@gradus/database/migrations";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { latestDay, listPapers, nearestDays } from "../papers/listing/query.ts";
import { paperByArxivId, papersById } from "../papers/papers.ts";
import { loadSeed } from "../papers/seed/seed.ts";
import entries from "../papers/seed/seed-papers.json" with { type: "json" };
import { type Database, type Orm, openEmbedded } from "./connect.ts";
import { MigrationError, migrate } from "./migrate.ts";
import { papers } from "./schema/index.ts";
import { emptyEngines } from "./testing.ts";

const everything = { sort: "top", topics: [], runnable: false, minVotes: 0 } as const;

/** The papers of one day, as its page lists them. */
async function papersOfDay(orm: Orm, day: string) {
  const range = { first: day, last: day };
  const { papers: listed } = await listPapers(orm, range, everything, { offset: 0, limit: 50 });
  return papersById(
    orm,
    listed.map(({ id }) => id),
  );
}

describe.each(emptyEngines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  test("migrations apply once, and a second start applies none and locks nothing", async () => {
    expect(await migrate(database.orm)).toEqual(migrations.map(({ version }) => version));
    const transaction = vi.spyOn(database.orm, "transaction");
    expect(await migrate(database.orm)).toEqual([]);
    expect(transaction).not.toHaveBeenCalled();
    transaction.mockRestore();
  });

  test("a migration that fails leaves nothing behind, and the next ones wait", async () => {
    const broken: SchemaStep[] = [
      ...migrations,
      {
        version: "9998_broken",
        text: "create table half (x int);\n--> statement-breakpoint\ncreate table nonsense (y nosuchtype);",
      },
      { version: "9999_after", text: "create table after_broken (x int);" },
    ];
    await expect(migrate(database.orm, broken)).rejects.toThrow(
      /^migration 9998_broken failed: type "nosuchtype" does not exist\. Nothing of it was kept;/,
    );
    await expect(database.orm.execute(sql`select * from half`)).rejects.toThrow();
    await expect(database.orm.execute(sql`select * from after_broken`)).rejects.toThrow();
    expect(await migrate(database.orm)).toEqual([]);
  });

  test("a changed or unknown migration is refused by name", async () => {
    const changed = migrations.map((step) => ({ ...step, text: `${step.text}\n-- changed` }));
    await expect(migrate(database.orm, changed)).rejects.toThrow(MigrationError);
    await expect(migrate(database.orm, changed)).rejects.toThrow(migrations[0].version);
    const extra = { version: "9999_newer", text: "create table newer (x int);" };
    await migrate(database.orm, [...migrations, extra]);
    await expect(migrate(database.orm)).rejects.toThrow(
      "the database has migration 9999_newer, which this version of gradus does not have; upgrade gradus, or go back to a backup from before it by gradus db restore of the newer version",
    );
    await database.orm.execute(sql`drop table newer`);
    await database.orm.execute(sql`delete from schema_migrations where version = '9999_newer'`);
  });

  test("two processes that migrate at once do not meet", async () => {
    const step = { version: "9999_twice", text: "create table twice (x int);" };
    const results = await Promise.all([
      migrate(database.orm, [...migrations, step]),
      migrate(database.orm, [...migrations, step]),
    ]);
    expect(results.flat()).toEqual(["9999_twice"]);
    await database.orm.execute(sql`drop table twice`);
    await database.orm.execute(sql`delete from schema_migrations where version = '9999_twice'`);
  });

  test("the seed's papers are listed in the seed's order, with every author in place", async () => {
    expect(await loadSeed(database.orm)).toBe(21);
    const listed = await papersOfDay(database.orm, "2025-12-25");
    expect(listed.map(({ title }) => title)).toEqual(entries.map(({ title }) => title));
    expect(listed.map(({ authors }) => authors)).toEqual(entries.map(({ authors }) => authors));
    expect(listed.map(({ authorsCount }) => authorsCount)).toEqual(
      entries.map(({ authors }) => authors.length),
    );
    expect(listed[2].publishedAt.toISOString()).toBe("2019-10-08T00:00:00.000Z");
    expect(listed[5].publishedAt.toISOString()).toBe("2023-02-06T00:00:00.000Z");
    expect(listed[0].featuredAt?.toISOString()).toBe("2025-12-25T00:00:20.000Z");
    expect(listed[20].featuredAt?.toISOString()).toBe("2025-12-25T00:00:00.000Z");
    expect(listed[19].abstractText).toContain("σ = O(ε)");
    expect(listed[0].codeUrl).toBe("https://github.com/epfml/grad-norm-smooth");
  });

  test("loading the seed again changes nothing; an outdated row is renewed; arXiv's text is left alone", async () => {
    expect(await loadSeed(database.orm)).toBe(0);
    await database.orm
      .update(papers)
      .set({ contentHash: "older", abstractHtml: "older" })
      .where(eq(papers.arxivId, "2412.08424"));
    await database.orm
      .update(papers)
      .set({ contentHash: "arxiv", abstractKind: "source", abstractHtml: "from arXiv" })
      .where(eq(papers.arxivId, "1806.07572"));
    expect(await loadSeed(database.orm)).toBe(1);
    const renewed = await paperByArxivId(database.orm, "2412.08424");
    expect(renewed?.abstractHtml).toContain("<math");
    expect(renewed?.authors).toEqual(["Alexander Tyurin"]);
    expect((await paperByArxivId(database.orm, "1806.07572"))?.abstractHtml).toBe("from arXiv");
  });

  test("days: the latest with papers, and the nearest on both sides, never in the future", async () => {
    const { orm } = database;
    const oneDay = (day: string) => ({ first: day, last: day });
    expect(await latestDay(orm, "2026-11-25")).toBe("2025-12-25");
    expect(await latestDay(orm, "2025-12-25")).toBe("2025-12-25");
    expect(await latestDay(orm, "2025-12-24")).toBeUndefined();
    expect(await papersOfDay(orm, "2025-12-24")).toEqual([]);
    expect(await nearestDays(orm, oneDay("2025-12-20"), "2026-01-01")).toEqual({ next: "2025-12-25" });
    expect(await nearestDays(orm, oneDay("2025-12-31"), "2026-01-01")).toEqual({ previous: "2025-12-25" });
    expect(await nearestDays(orm, oneDay("2025-12-20"), "2025-12-21")).toEqual({});
  });

  test("the database itself refuses what is not a paper", async () => {
    const [paper] = await database.orm.select().from(papers).limit(1);
    const { id: _id, featuredOn: _featuredOn, ...values } = paper;
    for (const wrong of [
      { arxivId: "not-an-id" },
      { arxivId: "2412.08424v2" },
      { arxivId: "2501.00001", title: "" },
      { arxivId: "2501.00001", codeUrl: "javascript:alert(1)" },
      { arxivId: "2501.00001", featuredAt: null },
    ])
      await expect(database.orm.insert(papers).values({ ...values, ...wrong })).rejects.toThrow();
  });
});

test("a folder keeps its papers between two openings, and only one process has it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-database-"));
  try {
    const first = await openEmbedded(join(folder, "database"));
    await migrate(first.orm);
    await loadSeed(first.orm);
    await expect(openEmbedded(join(folder, "database"))).rejects.toThrow(`process ${process.pid}`);
    await first.close();
    const second = await openEmbedded(join(folder, "database"));
    expect(second.notice).toBeUndefined();
    expect(await migrate(second.orm)).toEqual([]);
    expect(await loadSeed(second.orm)).toBe(0);
    expect(await papersOfDay(second.orm, "2025-12-25")).toHaveLength(21);
    await second.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
