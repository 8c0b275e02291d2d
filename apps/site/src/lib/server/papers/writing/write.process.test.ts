import { asc, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { paperDuplicates, papers, paperVersions } from "../../database/schema/index.ts";
import { engines } from "../../database/testing.ts";
import { paperByArxivId } from "../papers.ts";
import { hotOf } from "../ranking.ts";
import { loadSeed } from "../seed/seed.ts";
import { recordWith } from "./testing.ts";
import { writePapers } from "./write.ts";

const at = (text: string) => new Date(`${text}Z`);

/** Three versions of a paper. */
const VERSIONS = [1, 2, 3].map((version) =>
  recordWith({
    version,
    title: `Steps, version ${version}`,
    abstract: `What version ${version} says.`,
    updatedAt: at(`2026-11-0${version}T10:00:00`),
    authors: Array.from({ length: version }, (_, i) => ({ name: `Author ${i}`, affiliation: null })),
  }),
);

async function versionsOf(orm: Orm, arxivId: string) {
  const rows = await orm
    .select({ version: paperVersions.version, title: paperVersions.title, at: paperVersions.submittedAt })
    .from(paperVersions)
    .innerJoin(papers, eq(papers.id, paperVersions.paperId))
    .where(eq(papers.arxivId, arxivId))
    .orderBy(asc(paperVersions.version));
  return rows.map(({ version, title, at: came }) => `${version} ${title} ${came.toISOString().slice(0, 10)}`);
}

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    database = await open();
    ({ orm } = database);
    await migrate(orm);
  });
  afterAll(() => database?.close());
  beforeEach(() => orm.execute(sql`truncate papers cascade`));

  test("versions in any order leave the highest on the page, all of them kept, and the place in the lists", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(VERSIONS, { minLength: 3 }),
        fc.constantFrom(1, 2, 3),
        async (order, batch) => {
          await orm.execute(sql`truncate papers cascade`);
          const [first, ...rest] = order;
          await writePapers(orm, [first], {
            featuring: () => ({ lane: "daily", at: at("2026-11-05T00:00:00") }),
          });
          const hot = hotOf(at("2026-11-05T00:00:00"), [{ at: at("2026-11-05T03:00:00"), weight: 1 }]);
          await orm.update(papers).set({ hot, votesCount: 1 });
          for (let i = 0; i < rest.length; i += batch) await writePapers(orm, rest.slice(i, i + batch));
          expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({
            title: "Steps, version 3",
            abstractText: "What version 3 says.",
            latestVersion: 3,
            authors: ["Author 0", "Author 1", "Author 2"],
            authorsCount: 3,
            publishedAt: at("2026-11-01T10:00:00"),
            arxivUpdatedAt: at("2026-11-03T10:00:00"),
            featuredAt: at("2026-11-05T00:00:00"),
            lane: "daily",
            hot,
            votesCount: 1,
          });
          expect(await versionsOf(orm, "2611.00001")).toEqual([
            "1 Steps, version 1 2026-11-01",
            "2 Steps, version 2 2026-11-02",
            "3 Steps, version 3 2026-11-03",
          ]);
        },
      ),
      { seed: 5, numRuns: 12 },
    );
  });

  test("the same again changes nothing, and is told apart from what is new and what has changed", async () => {
    const other = recordWith({ arxivId: "math/0611800", title: "Old" });
    expect(await writePapers(orm, [VERSIONS[0], other])).toEqual({
      added: ["2611.00001", "math/0611800"],
      updated: [],
    });
    await orm.execute(sql`update papers set tsv = to_tsvector('x')`);
    expect(await writePapers(orm, [VERSIONS[0], other])).toEqual({ added: [], updated: [] });
    expect(await orm.$count(papers, sql`tsv is null`)).toBe(0);
    expect(await writePapers(orm, [VERSIONS[1], other])).toEqual({ added: [], updated: ["2611.00001"] });
    // What has changed is indexed anew.
    expect(await orm.$count(papers, sql`tsv is null`)).toBe(1);
  });

  test("one paper in three versions within one batch is one paper", async () => {
    expect(await writePapers(orm, [VERSIONS[1], VERSIONS[2], VERSIONS[0]])).toEqual({
      added: ["2611.00001"],
      updated: [],
    });
    expect(await versionsOf(orm, "2611.00001")).toHaveLength(3);
    expect((await paperByArxivId(orm, "2611.00001"))?.title).toBe("Steps, version 3");
  });

  test("arXiv's text replaces the seed's, keeps its place, and the seed never comes back over it", async () => {
    await loadSeed(orm);
    const before = await paperByArxivId(orm, "1910.03193");
    const record = recordWith({
      arxivId: "1910.03193",
      version: 3,
      publishedAt: at("2019-10-08T03:21:14"),
      updatedAt: at("2020-04-15T00:00:00"),
      abstract: "Operators $G$.",
      primaryCategory: "cs.LG",
    });
    await writePapers(orm, [{ ...record, abstract: "", incomplete: true }]);
    expect((await paperByArxivId(orm, "1910.03193"))?.abstractKind).toBe("flattened");
    await writePapers(orm, [record]);
    const after = await paperByArxivId(orm, "1910.03193");
    expect(after).toMatchObject({
      abstractKind: "source",
      primaryCategory: "cs.LG",
      publishedAt: at("2019-10-08T03:21:14"),
      latestVersion: 3,
      lane: "seed",
      featuredAt: before?.featuredAt,
      hot: before?.hot,
      codeUrl: before?.codeUrl,
    });
    expect(await loadSeed(orm)).toBe(0);
    expect((await paperByArxivId(orm, "1910.03193"))?.abstractKind).toBe("source");
  });

  test("what arXiv sends incomplete is marked, replaced when it is whole, and replaces nothing whole", async () => {
    const half = { ...VERSIONS[0], abstract: "", incomplete: true };
    await writePapers(orm, [half]);
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ incomplete: true, abstractText: "" });
    expect(await versionsOf(orm, "2611.00001")).toEqual([]);
    await writePapers(orm, [VERSIONS[0]]);
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ incomplete: false });
    await writePapers(orm, [half]);
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ incomplete: false });
    await writePapers(orm, [{ ...VERSIONS[1], withdrawn: true }]);
    expect(await paperByArxivId(orm, "2611.00001")).toMatchObject({ withdrawn: true });
  });

  test("one work under two identifiers is flagged once, and other people's work of that title is not", async () => {
    const authors = (name: string) => [{ name, affiliation: null }];
    await writePapers(orm, [
      recordWith({ arxivId: "2611.00001", title: "Steps: a study of $x$", authors: authors("Ada Kovač") }),
      recordWith({ arxivId: "2611.00002", title: "Other", doi: "10.1000/A", authors: authors("B. Ek") }),
    ]);
    await writePapers(orm, [
      recordWith({ arxivId: "2611.00003", title: "STEPS — a study of x", authors: authors("A. Kovac") }),
      recordWith({ arxivId: "2611.00004", title: "Steps, a study of x", authors: authors("Z. Elsewhere") }),
      recordWith({ arxivId: "2611.00005", title: "Other name", doi: "10.1000/a", authors: authors("C. Ek") }),
    ]);
    const told: unknown[] = [];
    await writePapers(orm, [recordWith({ arxivId: "2611.00006", title: "Twice" })]);
    await writePapers(orm, [recordWith({ arxivId: "2611.00007", title: "twice!" })], {
      within: async (_tx, duplicates) => told.push(...duplicates),
    });
    expect(told).toEqual([{ paper: "2611.00006", other: "2611.00007", reason: "title" }]);
    await orm.execute(sql`delete from papers where title ilike 'twice%'`);
    const flagged = () =>
      orm
        .select({
          a: sql<string>`(select arxiv_id from papers where id = ${paperDuplicates.paperId})`,
          b: sql<string>`(select arxiv_id from papers where id = ${paperDuplicates.otherId})`,
          reason: paperDuplicates.reason,
        })
        .from(paperDuplicates)
        .orderBy(asc(paperDuplicates.paperId));
    const expected = [
      { a: "2611.00001", b: "2611.00003", reason: "title" },
      { a: "2611.00002", b: "2611.00005", reason: "doi" },
    ];
    expect(await flagged()).toEqual(expected);
    await writePapers(orm, [recordWith({ arxivId: "2611.00003", version: 2, title: "Steps: a study of x" })]);
    expect(await flagged()).toEqual(expected);
    expect(await orm.$count(papers)).toBe(5);
  });

  test("what is stored within the transaction is stored with the batch or not at all", async () => {
    const failing = writePapers(orm, [VERSIONS[0]], {
      within: async () => {
        throw new Error("the cursor could not be stored");
      },
    });
    await expect(failing).rejects.toThrow("the cursor could not be stored");
    expect(await orm.$count(papers)).toBe(0);
  });
});
