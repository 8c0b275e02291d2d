import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { lockFolder } from "./lock.ts";

/** Postgres in this process, its data in a folder that no other process has open. */
export interface EmbeddedPostgres {
  readonly client: PGlite;
  /** The process that had the folder before and ended without closing it. */
  readonly abandonedBy?: number;
  close(): Promise<void>;
}

/**
 * Opens the Postgres of a folder, which is made where it is missing.
 *
 * @throws FolderLockedError when another process has it open
 */
export async function openFolder(folder: string): Promise<EmbeddedPostgres> {
  const lock = lockFolder(`${folder}.lock`);
  try {
    mkdirSync(folder, { recursive: true });
    const client = await PGlite.create(folder);
    return {
      client,
      abandonedBy: lock.abandonedBy,
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

/** There is no database in the folder that should have one. */
export class DatabaseMissingError extends Error {
  override name = "DatabaseMissingError";
}

/**
 * Opens the Postgres of a folder that has one.
 *
 * @throws DatabaseMissingError when it has none; the folder is not made
 * @throws FolderLockedError when another process has it open
 */
export async function openExistingFolder(folder: string): Promise<EmbeddedPostgres> {
  // Postgres itself knows its folders by this file.
  if (!existsSync(join(folder, "PG_VERSION")))
    throw new DatabaseMissingError(
      `there is no database in ${folder}; start the site to create one, or run "db restore" to restore a backup`,
    );
  return openFolder(folder);
}
