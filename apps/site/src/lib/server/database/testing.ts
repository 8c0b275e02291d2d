import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { loadSeed } from "../papers/seed/seed.ts";
import { connect, type Database, type Orm, openInMemory } from "./connect.ts";
import { emptyData, migratedData } from "./embedded/testing.ts";
import { migrate } from "./migrate.ts";

const serverUrl = process.env.GRADUS_TEST_DATABASE_URL;

/** A database of its own on the test server, dropped at the end. */
async function openOnServer(url: string): Promise<Database> {
  const name = `gradus_${randomBytes(6).toString("hex")}`;
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
  const own = new URL(url);
  own.pathname = `/${name}`;
  const database = await connect(own.href);
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
  ...(serverUrl ? [["a Postgres server", () => openOnServer(serverUrl)] as const] : []),
];

/** What database tests run on: as above, but the embedded database has the schema already, which takes long to make. */
export const engines: readonly Engine[] = [["PGlite", openMigrated], ...emptyEngines.slice(1)];

/** For tests that write much: a database on the server where one is given, which is several times as fast. */
export const openFast = serverUrl ? () => openOnServer(serverUrl) : openMigrated;

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
