import { createHash, randomBytes } from "node:crypto";
import { migrations } from "@gradus/database/migrations";
import postgres from "postgres";
import { loadSeed } from "../papers/seed/seed.ts";
import { connect, type Database, type Orm, openInMemory } from "./connect.ts";
import { emptyData, migratedData } from "./embedded/testing.ts";
import { migrate } from "./migrate.ts";

const serverUrl = process.env.GRADUS_TEST_DATABASE_URL;

/** One lock for all processes that make the database with the schema at the same time. */
const TEMPLATE_LOCK = 7_236_432;

/** The address of a database of the test server. */
function addressOf(url: string, database: string): string {
  const own = new URL(url);
  own.pathname = `/${database}`;
  return own.href;
}

/** The database with the schema from which others are copied; made where the server has none of these migrations. */
async function makeTemplate(url: string): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(migrations)).digest("hex").slice(0, 16);
  const [name, unfinished] = [`gradus_schema_${hash}`, `gradus_unfinished_${hash}`];
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await admin`select pg_advisory_lock(${TEMPLATE_LOCK})`;
    if ((await admin`select from pg_database where datname = ${name}`).length > 0) return name;
    // Put in place whole: who made it may have been ended.
    await admin`drop database if exists ${admin(unfinished)} with (force)`;
    await admin`create database ${admin(unfinished)}`;
    const database = await connect(addressOf(url, unfinished));
    await migrate(database.orm).finally(() => database.close());
    await admin`alter database ${admin(unfinished)} rename to ${admin(name)}`;
    return name;
  } finally {
    // The lock goes with its session.
    await admin.end();
  }
}

let template: Promise<string> | undefined;

/** A database of its own on the test server, as `template1` is or with the schema; dropped at the end. */
async function openOnServer(url: string, { schema }: { readonly schema: boolean }): Promise<Database> {
  const name = `gradus_${randomBytes(6).toString("hex")}`;
  if (schema) template ??= makeTemplate(url);
  const from = schema ? await template : undefined;
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)} template ${admin(from ?? "template1")}`;
  const database = await connect(addressOf(url, name));
  return {
    ...database,
    async close() {
      await database.close();
      await admin`drop database ${admin(name)}`;
      await admin.end();
    },
  };
}

/** A database in memory, with nothing in it. */
export async function openEmpty(): Promise<Database> {
  return openInMemory(await emptyData());
}

/** A database in memory with the schema, and nothing in its tables. */
export async function openMigrated(): Promise<Database> {
  return openInMemory(await migratedData());
}

type Engine = readonly [string, () => Promise<Database>];

/** What tests of migrations run on: an empty embedded database, and one on a server where one is given. */
export const emptyEngines: readonly Engine[] = [
  ["PGlite", openEmpty],
  ...(serverUrl ? [["a Postgres server", () => openOnServer(serverUrl, { schema: false })] as const] : []),
];

/** What database tests run on: as above, but with the schema already, which takes long to make. */
export const engines: readonly Engine[] = [
  ["PGlite", openMigrated],
  ...(serverUrl ? [["a Postgres server", () => openOnServer(serverUrl, { schema: true })] as const] : []),
];

/** For tests that write much: a database on the server where one is given, which is several times as fast. */
export const openFast = serverUrl ? () => openOnServer(serverUrl, { schema: true }) : openMigrated;

/** A database with the seed's papers and what further steps add to it. */
export async function openSeeded(
  open: () => Promise<Database>,
  ...steps: readonly ((orm: Orm) => Promise<unknown>)[]
): Promise<Database> {
  const database = await open();
  for (const step of [migrate, loadSeed, ...steps]) await step(database.orm);
  return database;
}

if (!serverUrl) console.warn("GRADUS_TEST_DATABASE_URL is not set: the database tests run on PGlite only");
