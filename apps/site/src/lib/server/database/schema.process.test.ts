import { eq, getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable, pgSchema, text } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openEmbedded } from "./connect.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema/index.ts";

let database: Database;
beforeAll(async () => {
  database = await openEmbedded();
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
