import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { engines } from "../../database/testing.ts";
import { termsOfVector } from "./terms.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  test.each([
    "newton steps and Newton's step",
    "it's a 'quoted' \\ back\\slash path c:\\temp\\x, https://example.org/a'b",
    "sgd-momentum 3.14 1e-3 a:1,2 x_y",
    "",
  ])("%j has the terms that the database itself lists", async (text) => {
    const vector = sql`to_tsvector('english', ${text}) || to_tsvector('simple', ${text})`;
    const [{ words }] = rowsOf<{ words: string }>(
      await database.orm.execute(sql`select (${vector})::text as words`),
    );
    const listed = rowsOf<{ term: string; count: number }>(
      await database.orm.execute(
        sql`select lexeme as term, cardinality(positions)::int as count from unnest(${vector}) order by lexeme`,
      ),
    );
    const order = (a: { term: string }, b: { term: string }) => (a.term < b.term ? -1 : 1);
    expect(termsOfVector(words).sort(order)).toEqual([...listed].map((row) => ({ ...row })).sort(order));
  });
});
