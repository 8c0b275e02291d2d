import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "./connect.ts";
import { coalesceCalls, dataVersion } from "./data-version.ts";
import { rowsOf } from "./rows.ts";
import { paperAuthors, papers, users } from "./schema/index.ts";
import { engines, openSeeded } from "./testing.ts";

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

/** Tables whose rows no page shows to all readers alike. */
const NOT_SHOWN = [
  "api_tokens",
  "arrival_neighbors",
  "audit_log",
  "content_versions",
  "digest_items",
  "digest_runs",
  "followed_searches",
  "login_tokens",
  "mail_events",
  "mail_outbox",
  "mail_returns",
  "measurement_imports",
  "moderation_flags",
  "paper_duplicates",
  "reading_marks",
  "request_turns",
  "schema_migrations",
  "sessions",
  "submissions",
  "subscription_requests",
  "subscription_tokens",
  "subscriptions",
  "suppressions",
  "users",
  "vote_windows",
  "votes",
  "withdrawn_reports",
];

describe.each(engines)("on %s", (engine, open) => {
  let database: Database;
  let version: () => Promise<string>;
  beforeAll(async () => {
    database = await openSeeded(open);
    version = dataVersion(database.orm);
  });
  afterAll(() => database?.close());

  test("every change of a paper gives a new version", async () => {
    const { orm } = database;
    const seen = [await version()];
    for (let votes = 1; votes <= 5; votes++) {
      await orm.update(papers).set({ votesCount: votes }).where(eq(papers.arxivId, "1806.07572"));
      seen.push(await version());
    }
    await orm.delete(paperAuthors).where(eq(paperAuthors.position, 2));
    seen.push(await version());
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("a change counts when its transaction is committed, and not at all when it is undone", async () => {
    const { orm } = database;
    const before = await version();
    await expect(
      orm.transaction(async (transaction) => {
        await transaction.update(papers).set({ votesCount: 7 });
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    expect(await version()).toBe(before);
    await orm.transaction(async (transaction) => {
      // An inner transaction that is undone takes its count with it.
      await transaction
        .transaction(async (inner) => {
          await inner.update(papers).set({ votesCount: 8 });
          throw new Error("changed my mind");
        })
        .catch(() => undefined);
      await transaction.update(papers).set({ votesCount: 9 });
    });
    expect(await version()).not.toBe(before);
  });

  test("reading, accounts and other tables do not change the version; a shown name does", async () => {
    const { orm } = database;
    const before = await version();
    await orm.select().from(papers);
    await orm.execute(sql`create table t (x int)`);
    await orm.execute(sql`insert into t values (1)`);
    await orm.execute(sql`drop table t`);
    const emailCanonicalHmac = new Uint8Array(32);
    await orm.insert(users).values({ email: "reader@example.org", emailCanonicalHmac });
    await orm.update(users).set({ confirmedAt: new Date(0) });
    expect(await version()).toBe(before);
    await orm.update(users).set({ name: "Ada" });
    expect(await version()).not.toBe(before);
  });

  test("every table is counted, or known not to be shown", async () => {
    const rows = rowsOf<{ name: string }>(
      await database.orm.execute(sql`
        select relname as name from pg_class c
        where relkind = 'r' and relnamespace = 'public'::regnamespace and not exists (
          select 1 from pg_trigger t join pg_proc p on p.oid = t.tgfoid
          where t.tgrelid = c.oid and p.proname = 'count_content_change'
            -- After each statement that inserts, updates, deletes or truncates.
            and t.tgtype = 4 + 8 + 16 + 32)
        order by relname`),
    );
    expect(rows.map(({ name }) => name)).toEqual(NOT_SHOWN);
  });

  test.skipIf(engine === "PGlite")("writers do not wait for each other", async () => {
    const { orm } = database;
    const before = await version();
    const [one, two] = ["1806.07572", "2412.08424"].map((id) => eq(papers.arxivId, id));
    await orm.transaction(async (first) => {
      await first.update(papers).set({ votesCount: 3 }).where(one);
      await orm.transaction((second) => second.update(papers).set({ votesCount: 4 }).where(two));
    });
    expect(Number(await version())).toBe(Number(before) + 2);
  });
});
