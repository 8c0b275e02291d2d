import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { DatabaseMissingError, openExistingFolder } from "../embedded.ts";
import { describeLocation, isServerUrl } from "../open.ts";
import { openStatements } from "../statements.ts";
import { writeAtomically } from "./atomic-write.ts";
import { runPostgresTool } from "./postgres-tools.ts";

/** File name endings of backups: of the embedded database, and of a server. */
export const FOLDER_BACKUP = ".tar.gz";
export const SERVER_BACKUP = ".dump";

/** The name of a backup made at `time`: `gradus-20251225T030000Z.tar.gz`. */
export function backupName(time: Date, ending: string): string {
  return `gradus-${time.toISOString().replace(/[-:]|\.\d+/g, "")}${ending}`;
}

/** When the backup of this name was made; undefined for other files. */
export function backupTime(name: string): Date | undefined {
  const fields = /^gradus-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:\.tar\.gz|\.dump)$/.exec(name);
  if (!fields) return undefined;
  const [year, month, day, hour, minute, second] = fields.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

/**
 * Writes a consistent snapshot of the open embedded database to `file`. It is packed here, beside the database, which answers
 * nobody while it makes the archive: packing takes many times as long as reading the files.
 */
export async function dumpEmbedded(
  client: { dumpDataDir(compression: "none"): Promise<Blob> },
  file: string,
): Promise<void> {
  const data = await client.dumpDataDir("none");
  await writeAtomically(file, (draft) => pipeline(data.stream(), createGzip(), createWriteStream(draft)));
}

/**
 * Writes a consistent snapshot of a server's database to `file` by `pg_dump`.
 *
 * @throws PostgresToolError when `pg_dump` is missing or fails
 */
export async function dumpServer(url: string, file: string): Promise<void> {
  await writeAtomically(file, async (draft) => {
    await runPostgresTool("pg_dump", url, [
      "--format=custom",
      "--no-owner",
      "--no-privileges",
      `--file=${draft}`,
    ]);
  });
}

/** A backup of nothing would take the place of an older one of something. @throws DatabaseMissingError without tables */
async function assertFilled(url: string): Promise<void> {
  const database = await openStatements(url);
  try {
    const [{ filled }] = await database.query<{ filled: boolean }>(
      "select exists (select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')) as filled",
    );
    if (!filled)
      throw new DatabaseMissingError(
        `there are no tables in ${describeLocation(url)}; check that this is the database to back up`,
      );
  } finally {
    await database.close();
  }
}

/**
 * Backs up the database at `location`, a server's URL or a folder that no process has open, to `file`.
 *
 * @param onWait called when it takes seconds to see whether a process of another container still has the folder open
 * @throws DatabaseMissingError when the folder has no database, or the server's has no tables
 * @throws DatabaseUnreachableError when the server cannot be reached
 * @throws FolderLockedError when another process has the folder open
 * @throws PostgresToolError when `pg_dump` is missing or fails
 */
export async function backUp(location: string, file: string, onWait?: () => void): Promise<void> {
  if (isServerUrl(location)) {
    await assertFilled(location);
    return dumpServer(location, file);
  }
  const database = await openExistingFolder(location, onWait);
  try {
    await dumpEmbedded(database.client, file);
  } finally {
    await database.close();
  }
}
