import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { vector } from "@electric-sql/pglite-pgvector";
import { dumpEmbedded, dumpServer, FOLDER_BACKUP, SERVER_BACKUP } from "@gradus/database/backup";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { lockFolder } from "./lock.ts";
import { searchSettings } from "./search-settings.ts";

/** What queries are written against: the same on the embedded database and on a server. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** An open database. */
export interface Database {
  readonly orm: Orm;
  /** Whether it runs in this process, which alone has it: statements then hold the event loop. */
  readonly embedded: boolean;
  /** Where the data are, for people. */
  readonly description: string;
  /** A sentence for the log about how the database was found, where there is something to say. */
  readonly notice?: string;
  /** Writes all data, as they are at one moment, to a new file. */
  dump(file: string): Promise<void>;
  /** How the names of such files end. */
  readonly backupEnding: string;
  close(): Promise<void>;
}

/** What the migrations create of Postgres' own extensions. */
const extensions = { citext, pg_trgm, unaccent, vector };

/** Settings of the one session that the embedded database has. */
async function prepareSession(client: PGlite): Promise<void> {
  for (const [name, value] of Object.entries(searchSettings))
    await client.query("select set_config($1, $2, false)", [name, String(value)]);
}

/** How long a server may take to accept a connection. */
const CONNECT_SECONDS = 5;
/** The pause before a lost connection is made anew. */
const RECONNECT_SECONDS = 0.2;

/** Opens Postgres in this process, its data in `folder` (in memory when it is undefined). */
export async function openEmbedded(folder?: string): Promise<Database> {
  if (folder === undefined) {
    const client = await PGlite.create({ extensions });
    await prepareSession(client);
    return {
      orm: drizzlePglite(client),
      embedded: true,
      description: "memory",
      dump: (file) => dumpEmbedded(client, file),
      backupEnding: FOLDER_BACKUP,
      close: () => client.close(),
    };
  }
  const lock = lockFolder(`${folder}.lock`);
  try {
    mkdirSync(folder, { recursive: true });
    const client = await PGlite.create(folder, { extensions });
    await prepareSession(client);
    return {
      orm: drizzlePglite(client),
      embedded: true,
      description: folder,
      notice: lock.abandonedBy
        ? `process ${lock.abandonedBy} ended without closing the database; it was recovered`
        : undefined,
      dump: (file) => dumpEmbedded(client, file),
      backupEnding: FOLDER_BACKUP,
      async close() {
        await client.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Connects to a Postgres server. */
export async function connect(url: string): Promise<Database> {
  const client = postgres(url, {
    max: 10,
    onnotice: () => {},
    connect_timeout: CONNECT_SECONDS,
    // A server that comes back is used at once, not after the driver's growing pauses.
    backoff: () => RECONNECT_SECONDS,
  });
  const { host, pathname } = new URL(url);
  return {
    orm: drizzlePostgres(client),
    embedded: false,
    description: `${host}${pathname}`,
    dump: (file) => dumpServer(url, file),
    backupEnding: SERVER_BACKUP,
    close: () => client.end({ timeout: 5 }),
  };
}
