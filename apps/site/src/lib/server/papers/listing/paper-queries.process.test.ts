import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { papers } from "../../database/schema/index.ts";
import { engines } from "../../database/testing.ts";
import { Problem } from "../../http/problem.ts";
import { listFromCursor, listFromOffset, requestedDays } from "./paper-queries.ts";
import type { Sort } from "./parameters.ts";
import { featured, listPapers } from "./query.ts";

const sorts: readonly Sort[] = ["top", "trending", "new"];

/** A paper of few votes, few days and few scores, so that many stand equal. */
function row(i: number, [votes, day, hot]: readonly [number, number, number]) {
  const featuredAt = new Date(Date.UTC(2025, 11, 1 + day));
  return {
    arxivId: `2501.${String(10_000 + ((i * 7919) % 80_000))}`,
    title: `Paper ${i}`,
    abstractRaw: "text",
    abstractKind: "source" as const,
    abstractHtml: "text",
    abstractExcerptHtml: "text",
    abstractText: "text",
    authorsCount: 0,
    publishedAt: new Date(Date.UTC(2025, 0, 1 + (day % 2))),
    featuredAt,
    hot: hot / 3,
    votesCount: votes,
    contentHash: String(i),
  };
}

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
  });
  afterAll(() => database?.close());
  beforeEach(() => database.orm.delete(papers));

  const everything = featured({ last: "2025-12-31" });

  /** All pages of a list, one after another. */
  async function walk(sort: Sort, limit: number, between?: () => Promise<unknown>): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listFromCursor(database.orm, everything, { sort, limit, cursor });
      ids.push(...page.papers.map(({ arxivId }) => arxivId));
      if (page.next === null) return ids;
      cursor = page.next;
      await between?.();
    }
  }

  test.each(sorts)("by %s, cursors lead once through the list that pages show", async (sort) => {
    const standing = fc.tuple(fc.nat(3), fc.nat(2), fc.nat(3));
    const [rows] = fc.sample(fc.array(standing, { minLength: 60, maxLength: 60 }), { seed: 5, numRuns: 1 });
    await database.orm.insert(papers).values(rows.map((values, i) => row(i, values)));
    const filters = { sort, topics: [], runnable: false, minVotes: 0 };
    const range = { last: "2025-12-31" };
    const shown = await listPapers(database.orm, range, filters, { offset: 0, limit: 100 });
    const ids = shown.papers.map(({ arxivId }) => arxivId);
    expect(ids).toHaveLength(60);
    expect(await walk(sort, 7)).toEqual(ids);
    expect(await walk(sort, 60)).toEqual(ids);
    const middle = await listFromOffset(database.orm, everything, { sort, limit: 5, offset: 10 });
    expect(middle.map(({ arxivId }) => arxivId)).toEqual(ids.slice(10, 15));
  });

  test("papers that are featured meanwhile neither shift nor repeat what follows", async () => {
    await database.orm.insert(papers).values(Array.from({ length: 9 }, (_, i) => row(i, [0, i, i])));
    const before = await walk("new", 9);
    let added = 100;
    const during = await walk("new", 2, () => database.orm.insert(papers).values(row(added++, [0, 20, 60])));
    expect(during).toEqual(before);
  });

  test("a cursor of another list, or none at all, is refused", async () => {
    await database.orm.insert(papers).values([row(1, [0, 0, 0]), row(2, [0, 1, 1])]);
    const { next } = await listFromCursor(database.orm, everything, { sort: "new", limit: 1 });
    for (const cursor of [next ?? "", "x", "bnVsbA", Buffer.from('["top",1]').toString("base64url")])
      await expect(
        listFromCursor(database.orm, everything, { sort: "top", limit: 1, cursor }),
      ).rejects.toThrow(Problem);
  });
});

describe("the days of a list", () => {
  test("are those of its period that have come", () => {
    expect(requestedDays({}, "2025-12-25")).toEqual({ last: "2025-12-25" });
    expect(requestedDays({ date: "2025-12-24" }, "2025-12-25")).toEqual({
      first: "2025-12-24",
      last: "2025-12-24",
    });
    expect(requestedDays({ week: "2025-W52" }, "2025-12-25")).toEqual({
      first: "2025-12-22",
      last: "2025-12-25",
    });
    expect(requestedDays({ month: "2025-11" }, "2025-12-25")).toEqual({
      first: "2025-11-01",
      last: "2025-11-30",
    });
  });
  test("of a week or a month to come are none, and a day to come cannot be asked for", () => {
    const { first = "", last } = requestedDays({ week: "2026-W53" }, "2025-12-25");
    expect(first > last).toBe(true);
    expect(() => requestedDays({ date: "2025-12-26" }, "2025-12-25")).toThrow(
      "“date” must not be after today, 2025-12-25, got “2025-12-26”.",
    );
  });
  test("cannot be asked for twice", () => {
    expect(() => requestedDays({ date: "2025-12-24", month: "2025-12" }, "2025-12-25")).toThrow(Problem);
  });
});
