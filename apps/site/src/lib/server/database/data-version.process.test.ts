import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "./connect.ts";
import { coalesceCalls, dataVersion } from "./data-version.ts";
import { engines } from "./testing.ts";

test("callers share the next run, and never one that began before they asked", async () => {
  const runs: ((value: number) => void)[] = [];
  const ask = coalesceCalls(() => new Promise<number>((resolve) => runs.push(resolve)));
  const first = ask();
  const second = ask();
  const third = ask();
  expect(runs).toHaveLength(1);
  runs[0](1);
  expect(await first).toBe(1);
  await Promise.resolve();
  expect(runs).toHaveLength(2);
  runs[1](2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
});

test("a run that fails does not stop the next", async () => {
  let fails = true;
  const ask = coalesceCalls(async () => {
    if (fails) throw new Error("away");
    return "back";
  });
  const [first, second] = [ask(), ask()];
  await expect(first).rejects.toThrow("away");
  await expect(second).rejects.toThrow("away");
  fails = false;
  expect(await ask()).toBe("back");
});

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.orm.execute(sql`create table t (x int)`);
  });
  afterAll(() => database?.close());

  test("every commit gives a new version, also one that was made elsewhere in between", async () => {
    const { orm } = database;
    const version = dataVersion(orm);
    const seen = [await version()];
    for (let i = 0; i < 5; i++) {
      await orm.execute(sql`insert into t values (${i})`);
      seen.push(await version());
    }
    await orm.execute(sql`update t set x = x + 1`);
    seen.push(await version());
    expect(new Set(seen).size).toBe(seen.length);
  });
});

test("reading does not change the version", async () => {
  const [[, open]] = engines;
  const database = await open();
  const version = dataVersion(database.orm);
  const before = await version();
  await database.orm.execute(sql`select 1`);
  expect(await version()).toBe(before);
  await database.close();
});
