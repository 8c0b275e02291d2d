import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { papers, relatedPapers } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { arxivIdOfName, paperByArxivId } from "../papers/papers.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { paperView } from "./paper-view.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const ID = "2611.00001";

let database: Database;
let orm: Orm;
beforeAll(async () => {
  database = await engines[0][1]();
  ({ orm } = database);
  await migrate(orm);
});
afterAll(() => database?.close());

/** What the page says of the latest version after another one came. */
async function latestAfter(version: number, title: string, abstract: string) {
  const updatedAt = new Date(`2026-11-0${version}T10:00:00Z`);
  await writePapers(orm, [recordWith({ arxivId: ID, version, title, abstract, updatedAt })]);
  const paper = await paperByArxivId(orm, ID);
  return paper && (await paperView(orm, paper, NOW)).latest;
}

test("a page says what the latest version changed since the one before it that is kept", async () => {
  expect(await latestAfter(1, "Steps", "One.")).toBeNull();
  expect(await latestAfter(4, "Steps", "One, again.")).toMatchObject({
    version: 4,
    updated: { label: "Nov 4, 2026" },
    changed: { since: 1, what: "abstract" },
  });
  // One that comes late is compared with, and changes nothing else.
  expect(await latestAfter(3, "Steps and strides", "One, twice.")).toMatchObject({
    version: 4,
    changed: { since: 3, what: "title, abstract" },
  });
  expect(await latestAfter(5, "Steps", "One, again.")).toMatchObject({
    version: 5,
    changed: { since: 4, what: "" },
  });
});

test("of a version that came alone nothing is said", async () => {
  await writePapers(orm, [recordWith({ arxivId: "2611.00002", version: 2, title: "Alone" })]);
  const paper = await paperByArxivId(orm, "2611.00002");
  expect(paper && (await paperView(orm, paper, NOW)).latest).toMatchObject({
    version: 2,
    changed: undefined,
  });
});

test("a title with TeX is read as text on the page, and kept as it is in the citation", async () => {
  const title = "Poincar\\'e Inequalities in $\\mathbb{R}^n$";
  await writePapers(orm, [recordWith({ arxivId: "2611.00003", title })]);
  const paper = await paperByArxivId(orm, "2611.00003");
  const view = paper && (await paperView(orm, paper, NOW));
  expect(view?.title).toBe("Poincaré Inequalities in ℝⁿ");
  expect(JSON.stringify(view?.citations)).toContain("mathbb{R}");
});

test("papers that were hidden or withdrawn are shown as related to none", async () => {
  const ids = ["2611.00004", "2611.00005", "2611.00006", "2611.00007"];
  await writePapers(
    orm,
    ids.map((arxivId, i) => recordWith({ arxivId, withdrawn: i === 1 })),
  );
  const stored = await orm.select().from(papers).where(inArray(papers.arxivId, ids)).orderBy(papers.arxivId);
  await orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, ids[2]));
  const [{ id: paperId }, ...others] = stored;
  await orm
    .insert(relatedPapers)
    .values(others.map(({ id }, i) => ({ paperId, rank: i + 1, relatedId: id, cosine: 0.5 })));
  const paper = await paperByArxivId(orm, ids[0]);
  const view = paper && (await paperView(orm, paper, NOW));
  expect(view?.related.map(({ arxivId }) => arxivId)).toEqual([ids[3]]);
});

test.each(["2611.00001\0", "2611.00001\ud800"])(
  "an address with what no column has names no paper: %j",
  async (id) => {
    expect([await paperByArxivId(orm, id), await arxivIdOfName(orm, id)]).toEqual([undefined, undefined]);
  },
);
