import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Orm } from "./connect.ts";
import { rowsOf } from "./rows.ts";
import { executeWithSettings, isStatementTimeout, withSettings } from "./settings.ts";
import { engines } from "./testing.ts";

async function workMemory(orm: Orm): Promise<string> {
  const [{ value }] = rowsOf<{ value: string }>(
    await orm.execute(sql`select current_setting('work_mem') as value`),
  );
  return value;
}

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  test("settings hold for the statements alone, also within a transaction that goes on", async () => {
    const { orm } = database;
    const usual = await workMemory(orm);
    expect(usual).not.toBe("1234kB");
    expect(await withSettings(orm, { work_mem: 1234 }, workMemory)).toBe("1234kB");
    expect(await workMemory(orm)).toBe(usual);
    await orm.transaction(async (tx) => {
      await tx.execute(sql`set local work_mem = 2222`);
      expect(await withSettings(tx, { work_mem: 1234 }, workMemory)).toBe("1234kB");
      expect(await workMemory(tx)).toBe("2222kB");
    });
  });

  test("they hold for a single statement, within a transaction and without", async () => {
    const { orm } = database;
    const usual = await workMemory(orm);
    const asked = sql`select current_setting('work_mem') as value, ${"given"}::text as given`;
    const run = async (within: Orm) => [
      ...rowsOf(await executeWithSettings(within, { work_mem: 1234 }, asked)),
    ];
    const wanted = [{ value: "1234kB", given: "given" }];
    expect(await run(orm)).toEqual(wanted);
    expect(await orm.transaction(run)).toEqual(wanted);
    expect(await workMemory(orm)).toBe(usual);
    const failing = executeWithSettings(orm, { work_mem: 1234 }, sql`select 1 / ${0}::int`);
    await expect(failing).rejects.toThrow();
    expect(await run(orm)).toEqual(wanted);
  });

  test("a statement that takes too long is told from other failures", async () => {
    const failed = (statement: ReturnType<typeof sql>, milliseconds: number) =>
      withSettings(database.orm, { statement_timeout: milliseconds }, (tx) => tx.execute(statement)).then(
        () => "answered",
        isStatementTimeout,
      );
    // The embedded database has no timers: there the statement ends by itself.
    const slow = await failed(sql`select pg_sleep(0.2)`, 20);
    expect(slow).toBe(database.embedded ? "answered" : true);
    expect(await failed(sql`select 1 / 0`, 60_000)).toBe(false);
  });
});
