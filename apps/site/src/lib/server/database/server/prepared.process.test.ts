import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Orm } from "../connect.ts";
import { rowsOf } from "../rows.ts";
import { engines } from "../testing.ts";

/** How often a connection has planned the statements that it prepared and whose text has a word. */
async function plansOf(tx: Orm, word: string): Promise<readonly number[]> {
  const rows = rowsOf<{ plans: number }>(
    await tx.execute(sql`
      select (generic_plans + custom_plans)::int as plans from pg_prepared_statements
      where position(${word} in statement) > 0 and position('pg_prepared_statements' in statement) = 0`),
  );
  return rows.map(({ plans }) => plans);
}

describe.each(engines)("on %s", (engine, open) => {
  const onServer = test.skipIf(engine === "PGlite");
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  onServer("a frequent statement is parsed once a connection, with the values of each run", async () => {
    // A transaction has one connection, and a savepoint the same.
    await database.orm.transaction(async (tx) => {
      for (let n = 0; n < 30; n++)
        await tx.transaction(async (inner) => {
          const given = n % 3 === 0 ? null : `${n}`;
          expect(rowsOf(await inner.execute(sql`select ${given}::text as often`))).toEqual([
            { often: given },
          ]);
        });
      expect(await plansOf(tx, "as often")).toEqual([21]);
      for (let n = 0; n < 30; n++) await tx.execute(sql`select 1 as fixed`);
      expect(await plansOf(tx, "as fixed")).toEqual([21]);
      for (let n = 0; n < 30; n++) {
        await tx.execute(sql`select 1 as ${sql.identifier(`once_${n}`)}`);
      }
      expect(await plansOf(tx, "once_")).toEqual([]);
    });
  });

  onServer("one that fails leaves the next ones alone, and follows changes of its tables", async () => {
    const { orm } = database;
    await orm.execute(sql`create table changing (n int)`);
    await orm.execute(sql`insert into changing values (1)`);
    const all = async () => [...rowsOf(await orm.execute(sql`select * from changing where n > ${0}`))];
    for (let i = 0; i < 40; i++) expect(await all()).toEqual([{ n: 1 }]);
    await orm.execute(sql`alter table changing add m int default 2`);
    for (let i = 0; i < 40; i++) expect(await all()).toEqual([{ n: 1, m: 2 }]);
    const divided = (by: number) => orm.execute(sql`select 1 / ${by}::int as n`);
    for (let i = 0; i < 40; i++) {
      expect([...rowsOf(await divided(1))]).toEqual([{ n: 1 }]);
      await expect(divided(0)).rejects.toMatchObject({ cause: { code: "22012" } });
    }
  });

  onServer("several statements in one text are sent as they are", async () => {
    for (let i = 0; i < 15; i++) await database.orm.execute(sql.raw("select 1; select 2"));
  });
});
