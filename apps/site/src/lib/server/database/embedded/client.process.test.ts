import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedClient, openThread } from "./client.ts";
import { openPglite } from "./pglite.ts";
import { emptyData } from "./testing.ts";

let folder: string;
let client: EmbeddedClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradus-thread-"));
  client = await openThread(join(folder, "database"));
  await client.exec("create table numbers (n int primary key); create table twins (n int unique, note text)");
});

afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

test("it counts its statements, those of transactions too, and the time of its thread", async () => {
  const before = client.work();
  await client.query("select pg_sleep(0)");
  await client.transaction(({ query }) => query("select 1"));
  const after = client.work();
  expect(after.statements - before.statements).toBe(4);
  expect(after.seconds).toBeGreaterThan(before.seconds ?? Number.NaN);
});

/** Prints the address of each module that the thread loads; outside of a thread it then fails. */
const LOADED = `import { registerHooks } from "node:module";
registerHooks({
  load(address, context, next) {
    console.log(address);
    return next(address, context);
  },
});
await import(${JSON.stringify(new URL("./thread.worker.ts", import.meta.url).href)}).catch(() => {});`;

test("its thread loads the database and not the query builder, whose files would take longer", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", LOADED]);
  expect(stdout).toContain("/@electric-sql/pglite/");
  expect(stdout).toContain("/embedded/prepared.ts");
  expect(stdout).not.toContain("/drizzle-orm/");
});

/** One value of each type that is read otherwise than as text. */
const VALUES = `select 1::int as int, 9007199254740993::bigint as large, 1.5::float8 as float, true as truth,
  null::text as nothing, 'Hölder' as text, '{"a":[1,"b"]}'::json as json, '[2]'::jsonb as jsonb,
  '"quoted"'::jsonb as string, '\\x00ff'::bytea as bytes, array['a','b'] as texts, array[1,2]::bigint[] as numbers`;

test("values are those of the same database in this thread, as objects and as arrays", async () => {
  const here = await openPglite(await emptyData());
  try {
    for (const rowMode of ["object", "array"] as const) {
      const { rows } = await client.query(VALUES, [], { rowMode });
      expect(rows).toEqual((await here.query(VALUES, [], { rowMode })).rows);
    }
  } finally {
    await here.close();
  }
});

test("parameters of all kinds arrive", async () => {
  const sent = [7, "Hölder", null, new Uint8Array([1, 2, 255]), true, ["a", 'b"c']];
  const { rows } = await client.query(
    "select $1::int, $2::text, $3::text, $4::bytea, $5::bool, $6::text[]",
    sent,
    { rowMode: "array" },
  );
  expect(rows).toEqual([sent]);
});

test("bytes arrive and come back as they are, of a part of an array too", async () => {
  const all = Uint8Array.from({ length: 258 }, (_, i) => i - 1);
  const sent = all.subarray(1, 257);
  const hex = [...sent].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  for (let i = 0; i < 3; i++) {
    const { rows } = await client.query(
      "select encode($1::bytea, 'hex') as hex, $1::bytea as bytes, ''::bytea as none",
      [sent],
    );
    expect(rows).toEqual([{ hex, bytes: new Uint8Array(sent), none: new Uint8Array() }]);
  }
  await expect(client.query("select $1::bytea", ["text"])).rejects.toThrow(
    "bytes must be a Uint8Array, got string",
  );
});

test("the query builder reads instants as on any other database", async () => {
  const builder = (either: PGlite | EmbeddedClient) => drizzle(either as PGlite);
  const { rows } = await builder(client).execute(
    "select '2025-12-25T00:00:00Z'::timestamptz at time zone 'utc' as instant",
  );
  expect(rows).toEqual([{ instant: "2025-12-25 00:00:00" }]);
});

test("an error has Postgres' code and names, and the next statement is answered", async () => {
  await client.query("insert into twins values (1, 'first')");
  await expect(client.query("insert into twins values (1, 'second')")).rejects.toMatchObject({
    message: 'duplicate key value violates unique constraint "twins_n_key"',
    code: "23505",
    table: "twins",
    constraint: "twins_n_key",
  });
  await expect(client.query("selec")).rejects.toMatchObject({ code: "42601" });
  expect((await client.query("select note from twins")).rows).toEqual([{ note: "first" }]);
});

test("statements of others wait for the end of a transaction, and one that fails leaves nothing", async () => {
  const seen: string[] = [];
  const count = async () =>
    (await client.query<{ count: number }>("select count(*)::int from numbers")).rows[0].count;
  const first = client.transaction(async (statements) => {
    await statements.query("insert into numbers values (1)");
    await statements.query("select pg_sleep(0)");
    seen.push("first");
  });
  const failing = client.transaction(async (statements) => {
    await statements.exec("insert into numbers values (2); insert into numbers values (3)");
    seen.push("failing");
    await statements.query("insert into numbers values (1)");
  });
  const between = count().then((rows) => seen.push(`${rows} rows`));
  await first;
  await expect(failing).rejects.toMatchObject({ code: "23505" });
  await between;
  expect(seen.filter((event) => event !== "1 rows")).toEqual(["first", "failing"]);
  expect(seen).toContain("1 rows");
  expect(await count()).toBe(1);
});

test("a transaction whose own code rejects is undone with that error, and its statements end with it", async () => {
  let kept: Parameters<Parameters<EmbeddedClient["transaction"]>[0]>[0] | undefined;
  const failure = new Error("changed my mind");
  await expect(
    client.transaction(async (statements) => {
      kept = statements;
      await statements.query("insert into numbers values (10)");
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect((await client.query("select n from numbers where n = 10")).rows).toEqual([]);
  await expect(kept?.query("select 1")).rejects.toThrow("the transaction has ended");
});

test("while the database answers, this thread goes on", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await client.query("select count(*) from generate_series(1, 2000000)");
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

test("a dump is an archive with the data's folder, packed by who wants it", async () => {
  const bytes = Buffer.from(await (await client.dumpDataDir("none")).arrayBuffer());
  // The mark of a tar file (POSIX.1-1988), in its first header.
  expect(bytes.subarray(257, 262).toString()).toBe("ustar");
  expect(bytes.includes("PG_VERSION")).toBe(true);
});

test("a closed database refuses what is asked of it, and opens again with its data", async () => {
  const path = join(folder, "closing");
  const first = await openThread(path);
  await first.exec("create table kept (n int); insert into kept values (5)");
  await first.close();
  await expect(first.query("select 1")).rejects.toMatchObject({ code: "57P01" });
  const second = await openThread(path);
  expect((await second.query("select n from kept")).rows).toEqual([{ n: 5 }]);
  await second.close();
});

test("what no thread can be sent is refused, and nothing waits for it", async () => {
  await expect(client.query("select $1::text", [() => {}])).rejects.toThrow("could not be cloned");
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("only a database that nobody closed has died", async () => {
  const closed = await openThread(join(folder, "closed"));
  await closed.close();
  const state = await Promise.race([closed.died, Promise.resolve("closed")]);
  expect(state).toBe("closed");
});

test("a folder that is none is refused", async () => {
  await expect(openThread("/dev/null/database")).rejects.toThrow();
});
