import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { engines } from "../database/testing.ts";
import { showPresence } from "./presence.ts";

/** The last is a server where there is one. */
const [, server] = engines;

describe.skipIf(!server)("on a Postgres server (skipped without GRADUS_TEST_DATABASE_URL)", () => {
  let database: Database;
  beforeAll(async () => {
    database = await server[1]();
  });
  afterAll(() => database?.close());

  test("processes see each other until they close", async () => {
    const first = await showPresence(String(database.queue));
    expect(await first.isAlone()).toBe(true);
    const second = await showPresence(String(database.queue));
    expect([await first.isAlone(), await second.isAlone()]).toEqual([false, false]);
    await second.close();
    await expect.poll(() => first.isAlone()).toBe(true);
    await first.close();
  });

  test("one whose connection was lost shows itself again, and is not taken for the only one meanwhile", async () => {
    const [first, second] = [
      await showPresence(String(database.queue)),
      await showPresence(String(database.queue)),
    ];
    const admin = postgres(String(database.queue), { max: 1 });
    // The server ends the connections that hold the lock.
    await admin`
      select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
    await admin.end();
    // A query may meet the end of its connection; the next one has a new connection.
    const seen = () => Promise.all([first.isAlone(), second.isAlone()]).catch(() => "ended");
    await expect.poll(seen).toEqual([false, false]);
    await second.close();
    await expect.poll(() => first.isAlone().catch(() => false), { timeout: 10_000 }).toBe(true);
    await first.close();
  });
});
