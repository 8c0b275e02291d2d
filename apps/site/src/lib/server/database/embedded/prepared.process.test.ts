import type { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plannedForValues } from "../planned-for-values.ts";
import { openPglite } from "./pglite.ts";
import { preparedStatements, type Query, type Reading } from "./prepared.ts";
import { emptyData } from "./testing.ts";

let client: PGlite;
let query: Query;
let reading: Reading;

beforeAll(async () => {
  client = await openPglite(await emptyData());
  query = await preparedStatements(client);
  reading = { rowMode: "object", parsers: client.parsers };
});
afterAll(() => client.close());

const rowsOf = async (text: string, parameters: readonly unknown[] = []) =>
  (await query(text, parameters, reading)).rows;
const preparedCount = async () =>
  (await client.query<{ count: number }>("select count(*)::int from pg_prepared_statements")).rows[0].count;

test("new or known, a statement gives what the database's own client gives", async () => {
  await client.exec("create table if not exists things (n int primary key, words text[], data jsonb)");
  const statements: [text: string, parameters: readonly unknown[]][] = [
    [
      "insert into things values ($1, $2, $3) on conflict (n) do update set data = excluded.data",
      [7, ["a", 'b"c'], { deep: [1] }],
    ],
    ["select * from things where n = $1 or $2::text is null", [7, null]],
    ["update things set n = n where n > $1 returning n", [0]],
    [
      "select $1::bytea, $2::timestamptz, $3::bool, $4::float8",
      [new Uint8Array([0, 255]), "2025-12-25", true, 0.1],
    ],
    ["select 1 where false", []],
    ["create table if not exists others (n int)", []],
    ["delete from others", []],
  ];
  for (const [text, parameters] of statements)
    for (const rowMode of ["object", "array"] as const) {
      const own = await client.query(text, [...parameters], { rowMode });
      for (let i = 0; i < 3; i++) expect(await query(text, parameters, { ...reading, rowMode })).toEqual(own);
    }
});

test("it follows changes of its tables, where what was done may be done again", async () => {
  await client.exec("create table changing (n int); insert into changing values (1)");
  const text = "select * from changing";
  for (let i = 0; i < 3; i++) expect(await rowsOf(text)).toEqual([{ n: 1 }]);
  await client.exec("alter table changing add m int default 2");
  for (let i = 0; i < 3; i++) expect(await rowsOf(text)).toEqual([{ n: 1, m: 2 }]);
  await client.exec("alter table changing drop n");
  await client.exec("begin");
  await expect(rowsOf(text)).rejects.toMatchObject({ code: "0A000" });
  await client.exec("rollback");
  expect(await rowsOf(text)).toEqual([{ m: 2 }]);
});

test("one that fails leaves the next ones alone, in a transaction too", async () => {
  const text = "select 1 / $1::int as n";
  for (let i = 0; i < 3; i++) {
    expect(await rowsOf(text, [1])).toEqual([{ n: 1 }]);
    await expect(rowsOf(text, [0])).rejects.toMatchObject({ code: "22012" });
    await expect(rowsOf("selec")).rejects.toMatchObject({ code: "42601" });
  }
  await client.exec("begin");
  await expect(rowsOf(text, [0])).rejects.toMatchObject({ code: "22012" });
  await expect(rowsOf(text, [1])).rejects.toMatchObject({ code: "25P02" });
  await client.exec("rollback");
  expect(await rowsOf(text, [1])).toEqual([{ n: 1 }]);
});

test("each run of a marked statement is planned for its values, alone and in a transaction", async () => {
  await client.exec(`create table uneven as select least(n, 2) as n from generate_series(1, 5000) n;
    create index uneven_n on uneven (n); analyze uneven`);
  const dialect = new PgDialect();
  const { sql: text } = dialect.sqlToQuery(
    plannedForValues(sql`select count(*)::int from uneven where n = $1`),
  );
  const plans = async () =>
    (
      await client.query<{ custom: number; generic: number }>(
        "select custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements where statement = $1",
        [text],
      )
    ).rows[0];
  for (let i = 0; i < 8; i++) expect(await rowsOf(text, [2])).toEqual([{ count: 4999 }]);
  expect(await rowsOf(text, [1])).toEqual([{ count: 1 }]);
  const before = await plans();
  expect(before).toEqual({ custom: expect.toSatisfy((n) => n >= 8), generic: 0 });
  await client.exec("begin");
  expect(await rowsOf(text, [1])).toEqual([{ count: 1 }]);
  await client.exec("commit");
  expect(await plans()).toEqual({ custom: before.custom + 1, generic: 0 });
});

test("the plan of another statement is kept, also after a marked one", async () => {
  const text = "select $1::int + 1 as n";
  for (let i = 0; i < 12; i++) expect(await rowsOf(text, [i])).toEqual([{ n: i + 1 }]);
  const { rows } = await client.query<{ generic: number }>(
    "select generic_plans::int as generic from pg_prepared_statements where statement = $1",
    [text],
  );
  expect(rows[0].generic).toBeGreaterThan(0);
});

test("those that come once are not kept, and of the others no more than a bound", async () => {
  const before = await preparedCount();
  const { rows: always } = await client.query("select from pg_prepared_statements where name !~ '^kept_'");
  const own = always.length;
  for (let i = 0; i < 20; i++) await rowsOf(`select ${i} as once`);
  expect(await preparedCount()).toBe(before);
  for (let i = 0; i < 400; i++)
    for (let k = 0; k < 2; k++) expect(await rowsOf(`select ${i} as twice`)).toEqual([{ twice: i }]);
  expect(await preparedCount()).toBe(own + 150);
  const long = `select '${"x".repeat(30_000)}' as long`;
  for (let k = 0; k < 3; k++) await rowsOf(long);
  const { rows } = await client.query("select 1 from pg_prepared_statements where length(statement) > 20000");
  expect(rows).toEqual([]);
});
