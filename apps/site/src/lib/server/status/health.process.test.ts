import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { engines } from "../database/testing.ts";
import { readiness } from "./health.ts";

const [[, open]] = engines;
const now = new Date("2025-12-25T12:00:00Z");
let database: Database;
beforeAll(async () => {
  database = await open();
  await migrate(database.orm);
});
afterAll(() => database?.close());

const ask = (waited?: number, version = async () => "1") =>
  readiness({
    orm: database.orm,
    version,
    now,
    maintenance: { waitingSince: waited === undefined ? undefined : new Date(now.getTime() - waited * 1000) },
  });

test("a queue is as old as the work that has waited longest, and too old after two hours", async () => {
  const good = { database: true, migrations: true };
  expect(await ask()).toEqual({ ...good, queue: true, queueAge: 0 });
  expect(await ask(7200)).toEqual({ ...good, queue: true, queueAge: 7200 });
  expect(await ask(7201)).toEqual({ ...good, queue: false, queueAge: 7201 });
  // A clock that was set back.
  expect(await ask(-60)).toEqual({ ...good, queue: true, queueAge: 0 });
});

test("a database that does not answer, or has another schema, is not ready", async () => {
  const lost = await ask(5, () => Promise.reject(new Error("gone")));
  expect(lost).toEqual({ database: false, migrations: false, queue: true, queueAge: 5 });
  await database.orm.execute(sql`delete from schema_migrations where version like '0008%'`);
  expect(await ask()).toMatchObject({ database: true, migrations: false });
});
