import { eq, getTableColumns, getTableName, is, sql } from "drizzle-orm";
import { PgTable, pgSchema, text } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "./connect.ts";
import { migrate } from "./migrate.ts";
import { rowsOf } from "./rows.ts";
import * as schema from "./schema/index.ts";
import { openEmpty } from "./testing.ts";

let database: Database;
beforeAll(async () => {
  database = await openEmpty();
  await migrate(database.orm);
});
afterAll(() => database?.close());

const tables = Object.values(schema).filter((value) => is(value, PgTable));

/** What the database itself says of its columns. */
const informationColumns = pgSchema("information_schema")
  .view("columns", {
    schema: text("table_schema").notNull(),
    table: text("table_name").notNull(),
    column: text("column_name").notNull(),
    nullable: text("is_nullable").notNull(),
  })
  .existing();

async function storedColumns(): Promise<readonly { table: string; column: string; nullable: string }[]> {
  const rows = await database.orm
    .select()
    .from(informationColumns)
    .where(eq(informationColumns.schema, "public"));
  return rows.filter(({ table }) => table !== "schema_migrations");
}

test("every table of the migrations is declared for queries", async () => {
  const stored = new Set((await storedColumns()).map(({ table }) => table));
  expect(tables.map(getTableName).sort()).toEqual([...stored].sort());
});

test.each(tables.map((table) => [getTableName(table), table] as const))(
  "%s: the declared columns and their nulls are those of the database",
  async (name, table) => {
    const stored = (await storedColumns())
      .filter((row) => row.table === name)
      .map(({ column, nullable }) => `${column} ${nullable === "NO"}`);
    const declared = Object.values(getTableColumns(table)).map(
      (column) => `${column.name} ${column.notNull}`,
    );
    expect(declared.sort()).toEqual(stored.sort());
  },
);

test("every foreign key begins an index: deleting what it refers to reads no whole table", async () => {
  const bare = rowsOf<{ key: string }>(
    await database.orm.execute(sql`
      select conrelid::regclass || '.' || attname as key
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
      where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
        select 1 from pg_index where indrelid = conrelid and indkey[0] = conkey[1]
          and (indpred is null or pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname)))`),
  );
  expect(bare).toEqual([]);
});

test("every table tells when its rows were made, but for counts", async () => {
  const columns = await storedColumns();
  const dated = new Set(columns.filter(({ column }) => column === "created_at").map(({ table }) => table));
  const undated = tables.map(getTableName).filter((name) => !dated.has(name));
  expect(undated).toEqual(["term_stats"]);
});
