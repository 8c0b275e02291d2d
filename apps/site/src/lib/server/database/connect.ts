import type { PGlite } from "@electric-sql/pglite";
import { assertReachable, assertRestored, isServerUrl, type QueueClient } from "@gradus/database";
import { dumpEmbedded, dumpServer, FOLDER_BACKUP, SERVER_BACKUP } from "@gradus/database/backup";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { log } from "../log.ts";
import { type DatabaseWork, type EmbeddedClient, openThread } from "./embedded/client.ts";
import { openPglite } from "./embedded/pglite.ts";
import { queueClient } from "./embedded/queue-client.ts";
import { lockFolder } from "./lock.ts";
import { openInFolder } from "./open-folder.ts";
import { frequentStatements, preparing } from "./server/prepared.ts";

/** What queries are written against: the same on the embedded database and on a server. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** An open database. */
export interface Database {
  readonly orm: Orm;
  /** Whether it runs in this process, which alone has it: it does one statement at a time. */
  readonly embedded: boolean;
  /** Where the data are, for people. */
  readonly description: string;
  /** A sentence for the log about how the database was found, where there is something to say. */
  readonly notice?: string;
  /** Writes all data, as they are at one moment, to a new file. */
  dump(file: string): Promise<void>;
  /** How the names of such files end. */
  readonly backupEnding: string;
  /** What the queue of jobs connects to: a client of the embedded database, or the URL of the server. */
  readonly queue: QueueClient | string;
  /** The queries of this process; unknown for one in memory. */
  work?(): DatabaseWork;
  close(): Promise<void>;
  /** Resolves to the reason when it has ended for good although nobody closed it. */
  readonly died?: Promise<string>;
}

/** How long a server may take to accept a connection. */
const CONNECT_SECONDS = 5;
/** The pause before a lost connection is made anew. */
const RECONNECT_SECONDS = 0.2;

function onEmbedded(client: PGlite | EmbeddedClient, description: string): Omit<Database, "queue" | "close"> {
  return {
    // A client of the thread has all that the query builder needs of PGlite.
    orm: drizzlePglite(client as PGlite),
    embedded: true,
    description,
    dump: (file) => dumpEmbedded(client, file),
    backupEnding: FOLDER_BACKUP,
  };
}

/** Opens Postgres in this process and thread, in memory, with the data of an archive. */
export async function openInMemory(data: Blob): Promise<Database> {
  const client = await openPglite(data);
  return { ...onEmbedded(client, "memory"), queue: client, close: () => client.close() };
}

/** Opens Postgres in this process: in a thread, its data in `folder`. */
export async function openEmbedded(folder: string): Promise<Database> {
  const lock = lockFolder(`${folder}.lock`, () =>
    log({
      database: folder,
      outcome: "waiting",
      message: "up to 20 s, to see whether a process of another container still has it open",
    }),
  );
  try {
    assertRestored(folder);
    const client = await openInFolder(folder, openThread);
    return {
      ...onEmbedded(client, folder),
      queue: queueClient(client),
      notice: lock.abandonedBy
        ? `process ${lock.abandonedBy} ended without closing the database; it was recovered`
        : undefined,
      work: client.work,
      async close() {
        try {
          await client.close();
        } finally {
          lock.release();
        }
      },
      died: client.died,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Connects to a Postgres server.
 *
 * @throws Error when the URL is not one of a Postgres server; the message does not show it, as it may hold a password
 * @throws DatabaseUnreachableError when it cannot be reached or refuses the connection
 */
export async function connect(url: string): Promise<Database> {
  if (!isServerUrl(url) || !URL.canParse(url))
    throw new Error(
      "DATABASE_URL must be a URL such as postgres://user:password@localhost/gradus, with special characters of the password percent-encoded",
    );
  const client = postgres(url, {
    max: 10,
    onnotice: () => {},
    connect_timeout: CONNECT_SECONDS,
    // A server that comes back is used at once, not after the driver's growing pauses.
    backoff: () => RECONNECT_SECONDS,
  });
  await assertReachable(client, url);
  const { host, pathname } = new URL(url);
  const isFrequent = frequentStatements();
  let statements = 0;
  const counted = preparing(client, (text) => {
    statements += 1;
    return isFrequent(text);
  });
  return {
    orm: drizzlePostgres(counted),
    embedded: false,
    description: `${host}${pathname}`,
    dump: (file) => dumpServer(url, file),
    backupEnding: SERVER_BACKUP,
    queue: url,
    // Without those that begin and end transactions.
    work: () => ({ statements }),
    close: () => client.end({ timeout: 5 }),
  };
}
