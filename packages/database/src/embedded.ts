import { existsSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { fileFailure } from "./file-failure.ts";
import { lockFolder } from "./lock.ts";
import { makeFolders } from "./make-folder.ts";
import { SETTING } from "./setting.ts";
import { isUnfinished, openOrCreate } from "./unfinished-creation.ts";
import { assertRestored } from "./unfinished-restore.ts";

/** Postgres in this process, with its data in a folder that this process has locked. */
export interface EmbeddedPostgres {
  readonly client: PGlite;
  /** The process that last had the folder open and exited without closing it. */
  readonly abandonedBy?: number;
  close(): Promise<void>;
}

/**
 * Opens the database of a folder, creating both where they are missing.
 *
 * @param onWait called when it takes seconds to see whether a process of another container still has it open
 * @throws FolderLockedError when another process has it open
 * @throws UnfinishedRestoreError when it has part of a restored backup
 * @throws FolderNotWritableError when its files cannot be written, as on a full disk
 */
export async function openFolder(folder: string, onWait?: () => void): Promise<EmbeddedPostgres> {
  const lock = lockFolder(`${folder}.lock`, onWait);
  try {
    assertRestored(folder);
    makeFolders(folder);
    const client = await openOrCreate(folder, () => PGlite.create(folder));
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
    throw fileFailure(folder, error, SETTING);
  }
}

/** The folder has no database. */
export class DatabaseMissingError extends Error {
  override name = "DatabaseMissingError";
}

/**
 * Opens the existing database of a folder.
 *
 * @param onWait called when it takes seconds to see whether a process of another container still has it open
 * @throws DatabaseMissingError when it has none; nothing is created
 * @throws FolderLockedError when another process has it open
 */
export async function openExistingFolder(folder: string, onWait?: () => void): Promise<EmbeddedPostgres> {
  // Postgres recognizes a data folder by this file.
  if (!existsSync(join(folder, "PG_VERSION")) || isUnfinished(folder))
    throw new DatabaseMissingError(
      `there is no database in ${folder}; start the site to create one, or run "db restore" to restore a backup`,
    );
  return openFolder(folder, onWait);
}
