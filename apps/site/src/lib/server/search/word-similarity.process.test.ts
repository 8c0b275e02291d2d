import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { indexPapers } from "./index-papers.ts";
import { wordSimilarity } from "./word-similarity.ts";

test.each([
  // The example of Postgres' manual, "word" against "two words".
  ["word", "two words", 0.8],
  ["word", "word", 1],
  ["word", "a word among others", 1],
  ["word", "", 0],
  ["", "word", 0],
  ["?!", "word", 0],
  ["word", "sensible", 0],
  ["слово", "два слова", 2 / 3],
  ["слово", "два-слова, «два»…", 2 / 3],
  ["word_2", "two-words_2!", 6 / 9],
])("%j in %j", (query, text, similarity) => {
  expect(wordSimilarity(query)(text)).toBeCloseTo(similarity, 12);
});

test("a text exactly as similar as wanted is not refused before it is compared", () => {
  // Three of the query's five trigrams, and no others before them.
  expect(wordSimilarity("word", 3 / 5)("wor")).toBeCloseTo(3 / 5, 12);
  expect(wordSimilarity("word", 4 / 5)("wor")).toBe(0);
});

describe.each(engines)("as on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, indexPapers);
  });
  afterAll(() => database?.close());

  async function theirs(pairs: readonly (readonly [query: string, text: string])[]): Promise<number[]> {
    const rows = rowsOf<{ value: number }>(
      await database.orm.execute(sql`
        select word_similarity(pair ->> 0, pair ->> 1)::float8 as value
        from jsonb_array_elements(${JSON.stringify(pairs)}::text::jsonb) with ordinality list (pair, place)
        order by place`),
    );
    return rows.map(({ value }) => value);
  }

  test("of the seed's titles", async () => {
    const titles = rowsOf<{ folded: string }>(
      await database.orm.execute(sql`select title_folded as folded from papers order by id`),
    ).map(({ folded }) => folded);
    const queries = [
      "gradient edscent",
      "second-order method with approximate hessian",
      "byzantine",
      "perceptron large step size logistic regression",
      "holder",
      "lime shap explain black box",
      "adaadagrad",
    ];
    const pairs = queries.flatMap((query) => titles.map((title) => [query, title] as const));
    const expected = await theirs(pairs);
    expect(expected.filter((value) => value >= 0.5).length).toBeGreaterThanOrEqual(queries.length);
    pairs.forEach(([query, title], i) => {
      expect(wordSimilarity(query)(title), `${query} in ${title}`).toBeCloseTo(expected[i], 6);
      const similar = wordSimilarity(query, 0.5)(title);
      if (expected[i] >= 0.5) expect(similar, `${query} in ${title}`).toBeCloseTo(expected[i], 6);
      else expect(similar, `${query} in ${title}`).toBeLessThan(0.5);
    });
  });

  test("of texts of few letters, where stretches are many, it is never less and hardly ever more", async () => {
    const text = fc.stringMatching(/^[abc1]{1,5}(?: [abc1]{1,5}){0,5}$/);
    const pairs = fc.sample(fc.tuple(text, text), { seed: 11, numRuns: 3000 });
    const expected = await theirs(pairs);
    const ours = pairs.map(([query, other]) => wordSimilarity(query)(other));
    // Postgres goes through a text once and keeps the best beginning so far: it misses a stretch now and then.
    ours.forEach((value, i) => {
      expect(value, pairs[i].join(" in ")).toBeGreaterThanOrEqual(expected[i] - 1e-6);
    });
    const more = ours.filter((value, i) => value > expected[i] + 1e-6).length;
    expect(more / pairs.length).toBeLessThan(0.01);
  });
});
