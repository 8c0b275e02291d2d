import { existsSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import { lockFolder } from "../lock.ts";
import { isServerUrl } from "../open.ts";
import { FOLDER_BACKUP, SERVER_BACKUP } from "./dump.ts";
import { runPostgresTool } from "./postgres-tools.ts";

/** A backup cannot be restored to where it should go. */
export class RestoreError extends Error {
  override name = "RestoreError";
}

/** The tar file in a backup: PGlite would not say that it cannot unpack one, but end the process. */
async function unpack(file: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await promisify(gunzip)(await readFile(file));
  } catch (cause) {
    throw new RestoreError(`${file} is no backup, or is damaged`, { cause });
  }
}

async function restoreFolder(file: string, folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new RestoreError(`${folder} is not empty: a backup is restored into an empty folder only`);
  const lock = lockFolder(`${folder}.lock`);
  try {
    const data = new Blob([await unpack(file)], { type: "application/x-tar" });
    const client = await PGlite.create({ dataDir: folder, loadDataDir: data });
    await client.close();
  } catch (error) {
    // What is there was made by this attempt, and half a database would be taken for a whole one.
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    lock.release();
  }
}

/**
 * Restores a backup into an empty folder, or into an empty database of a server: all of it or nothing.
 *
 * @throws RestoreError when there is something already, or the backup is of the other kind
 * @throws FolderLockedError when another process has the folder open
 * @throws PostgresToolError when `pg_restore` is missing or fails
 */
export async function restoreBackup(file: string, location: string): Promise<void> {
  const ending = isServerUrl(location) ? SERVER_BACKUP : FOLDER_BACKUP;
  if (!file.endsWith(ending))
    throw new RestoreError(
      `a backup for this database ends in ${ending}, got ${file}: ` +
        "those of folders go into folders, those of servers into servers",
    );
  if (!existsSync(file)) throw new RestoreError(`there is no file ${file}`);
  if (!isServerUrl(location)) return restoreFolder(file, location);
  await runPostgresTool("pg_restore", location, [
    "--single-transaction",
    "--no-owner",
    "--no-privileges",
    `--dbname=${decodeURIComponent(new URL(location).pathname.slice(1))}`,
    file,
  ]);
}
