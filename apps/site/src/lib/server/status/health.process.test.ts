import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { engines } from "../database/testing.ts";
import { type Jobs, startJobs } from "../jobs/start.ts";
import { readiness } from "./health.ts";

const [[, open]] = engines;
let database: Database;
let jobs: Jobs;
beforeAll(async () => {
  database = await open();
  await migrate(database.orm);
  jobs = await startJobs(database, [{ name: "work", run: async () => {} }]);
});
afterAll(async () => {
  await jobs?.close();
  await database?.close();
});

const ask = (version = async () => "1") => readiness({ orm: database.orm, version, jobs: jobs.names });
const waitFor = (seconds: number) =>
  database.orm.execute(sql`update pgboss.job set created_on = now() - make_interval(secs => ${seconds})`);

test("a queue is as old as the run that has waited longest, and too old after two hours", async () => {
  const good = { database: true, migrations: true };
  expect(await ask()).toEqual({ ...good, queue: true, queueAge: 0 });
  // Not due yet.
  await jobs.request("work", 3600);
  await waitFor(9000);
  expect(await ask()).toEqual({ ...good, queue: true, queueAge: 0 });
  await database.orm.execute(sql`update pgboss.job set state = 'active', started_on = now()`);
  await waitFor(7190);
  expect(await ask()).toMatchObject({ ...good, queue: true });
  await waitFor(7210);
  expect(await ask()).toMatchObject({ ...good, queue: false });
  await database.orm.execute(sql`update pgboss.job set state = 'completed', completed_on = now()`);
  expect(await ask()).toEqual({ ...good, queue: true, queueAge: 0 });
});

test("a database that does not answer, or has another schema, is not ready", async () => {
  const lost = await ask(() => Promise.reject(new Error("gone")));
  expect(lost).toEqual({ database: false, migrations: false, queue: false, queueAge: undefined });
  await database.orm.execute(sql`delete from schema_migrations where version like '0008%'`);
  expect(await ask()).toMatchObject({ database: true, migrations: false });
});
