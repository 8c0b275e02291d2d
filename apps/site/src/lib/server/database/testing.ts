import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { loadSeed } from "../papers/seed/seed.ts";
import { connect, type Database, type Orm, openInMemory } from "./connect.ts";
import { emptyData } from "./embedded/testing.ts";
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

/** What database tests run on: the embedded database, and a server where one is given. */
export const engines: readonly (readonly [string, () => Promise<Database>])[] = [
  ["PGlite", openEmpty],
  ...(serverUrl ? [["a Postgres server", () => openOnServer(serverUrl)] as const] : []),
];

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
