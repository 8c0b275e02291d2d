import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { spelledList } from "./candidates.ts";
import { hottestMatching, leastHot } from "./hottest.ts";
import { indexPapers } from "./index-papers.ts";
import { hottestAfterMatching, hottestByIndex, lexicalLists } from "./lexical.ts";
import { type ReadQuery, readQuery } from "./terms.ts";
import { storeTopics } from "./topics/store.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  /** All papers, from the hottest on. */
  let papers: readonly { readonly id: number; readonly hot: number; readonly words: readonly string[] }[];
  beforeAll(async () => {
    database = await openSeeded(open, storeTopics, indexPapers);
    papers = rowsOf<{ id: number | string; hot: number; words: readonly string[] }>(
      await database.orm.execute(sql`
        select id, hot, tsvector_to_array(words) as words from papers where hot is not null`),
    )
      .map((paper) => ({ ...paper, id: Number(paper.id) }))
      .sort((a, b) => b.hot - a.hot || b.id - a.id);
  });
  afterAll(() => database?.close());

  test("the hottest that match are the same whatever score they are looked for from", async () => {
    const having = papers.filter(({ words }) => words.includes("gradient"));
    expect(having.length).toBeGreaterThan(5);
    const scores = papers.map(({ hot }) => hot);
    for (const order of [hottestAfterMatching, hottestByIndex])
      for (const limit of [1, 3, having.length, having.length + 1])
        for (const least of [undefined, scores[0] + 1, ...scores]) {
          const matching = { column: sql`tsv`, query: "'gradient'", order };
          const rows = rowsOf<{ id: number | string }>(
            await database.orm.execute(hottestMatching(sql`id`, matching, limit, least)),
          );
          const expected = having.slice(0, limit).map(({ id }) => id);
          expect(new Set(rows.map(({ id }) => Number(id)))).toEqual(new Set(expected));
          expect(rows).toHaveLength(expected.length);
        }
  });

  test("hidden papers are not among the hottest, whatever score they are looked for from", async () => {
    const [hidden, ...shown] = papers.filter(({ words }) => words.includes("gradient"));
    const hide = (yes: boolean) =>
      database.orm.execute(sql`update papers set hidden = ${yes} where id = ${hidden.id}`);
    await hide(true);
    try {
      const matching = { column: sql`tsv`, query: "'gradient'", order: hottestAfterMatching };
      for (const least of [undefined, hidden.hot, shown[1].hot, shown[2].hot]) {
        const rows = rowsOf<{ id: number | string }>(
          await database.orm.execute(hottestMatching(sql`id`, matching, 2, least)),
        );
        expect(new Set(rows.map(({ id }) => Number(id)))).toEqual(new Set([shown[0].id, shown[1].id]));
      }
    } finally {
      await hide(false);
    }
  });

  test("the lists by words are the same whatever is known of the scores", async () => {
    const listed = async (read: ReadQuery, hot?: (share: number) => number | undefined) => {
      const { whole, part } = lexicalLists(read, { operators: false }, hot);
      const rows = async (list: SQL | undefined) =>
        list && [
          ...rowsOf(await database.orm.execute(sql`select id, place, share from (${list}) l order by place`)),
        ];
      return [await rows(whole), await rows(part)];
    };
    // As if these papers were some of very many, and the words rather or very common.
    for (const df of [9000, 60_000])
      for (const text of ["gradient", "stochastic gradient", '"stochastic gradient"', "SGD learning"]) {
        const read = await readQuery(database.orm, text);
        const crowd = { ...read, papers: 100_000, terms: read.terms.map((term) => ({ ...term, df })) };
        const usual = await listed(crowd);
        expect(usual[0]?.length).toBeGreaterThan(0);
        const asked: number[] = [];
        for (const least of [papers[0].hot, papers[2].hot, papers.at(-1)?.hot])
          expect(
            await listed(crowd, (share) => {
              asked.push(share);
              return least;
            }),
            text,
          ).toEqual(usual);
        expect(asked.length).toBeGreaterThan(0);
      }
  });

  test("papers with common words are looked for from a score rather than one after another", async () => {
    const read = await readQuery(database.orm, "stochastic gradient");
    const wholeOf = (df: number, hot?: (share: number) => number | undefined) => {
      const crowd = { ...read, papers: 100_000, terms: read.terms.map((term) => ({ ...term, df })) };
      const { whole } = lexicalLists(crowd, { operators: false }, hot);
      return whole && new PgDialect().sqlToQuery(whole);
    };
    const inOrder = /words @@ \$\d+::tsquery and not hidden order by hot desc nulls last, id desc/;
    // 36,000 papers are expected to have both, or more.
    expect(wholeOf(60_000)?.sql.replaceAll("title_words", "")).toMatch(inOrder);
    expect(wholeOf(60_000, () => 0.125)?.sql.replaceAll("title_words", "")).not.toMatch(inOrder);
    // Most papers have both, so that the first 2,000 are soon found.
    expect(wholeOf(90_000, () => 0.125)?.sql.replaceAll("title_words", "")).toMatch(inOrder);
  });

  test("papers with a lexeme in the title are the same whatever is known of the scores", async () => {
    const close = ["gradient", "kernel", "descent"].map((lexeme) => ({ lexeme, df: 9000, similarity: 0.5 }));
    const found = async (hot?: (share: number) => number | undefined) =>
      rowsOf<{ id: number | string }>(await database.orm.execute(spelledList(close, hot))).map(({ id }) =>
        Number(id),
      );
    const usual = await found();
    expect(usual.length).toBeGreaterThan(2);
    const scores = papers.map(({ hot }) => hot);
    const asked: number[] = [];
    for (const least of [scores[0] + 1, scores[0], scores[2], scores.at(-1)])
      expect(
        (
          await found((share) => {
            asked.push(share);
            return least;
          })
        ).toSorted(),
      ).toEqual(usual.toSorted());
    // Twice as many as are wanted, of the half of the papers with the most common that has it in the title.
    expect(new Set(asked)).toEqual(new Set([(2 * 300) / 4500]));
  });

  test("the scores are known by the statistics of the database", async () => {
    const hot = await leastHot(database.orm);
    const scores = papers.map((paper) => paper.hot);
    const least = hot(0.2) ?? Number.NaN;
    const reached = scores.filter((score) => score >= least).length / scores.length;
    expect(reached).toBeGreaterThanOrEqual(0.15);
    expect(reached).toBeLessThanOrEqual(0.3);
  });
});
