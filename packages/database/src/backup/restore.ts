import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import { fileFailure } from "../file-failure.ts";
import { lockFolder } from "../lock.ts";
import { describeLocation, isServerUrl } from "../open.ts";
import { SETTING } from "../setting.ts";
import { openStatements } from "../statements.ts";
import { fillFolder, takesRestore } from "../unfinished-restore.ts";
import { FOLDER_BACKUP, SERVER_BACKUP } from "./dump.ts";
import { assertKnownSchema, migrationsInDump } from "./known-schema.ts";
import { runPostgresTool } from "./postgres-tools.ts";
import { RestoreError } from "./restore-error.ts";

/** The migrations that a database has. */
async function migrationsIn(client: PGlite): Promise<string[]> {
  const { rows: tables } = await client.query("select 1 where to_regclass('schema_migrations') is not null");
  if (tables.length === 0) return [];
  const { rows } = await client.query<{ version: string }>(
    "select version from schema_migrations order by version",
  );
  return rows.map(({ version }) => version);
}

/** The file by which every folder of Postgres can be told. */
const POSTGRES_FOLDER = "PG_VERSION";

/** The tar file in a backup. Checked here: PGlite ends the process when it cannot unpack one. */
async function unpack(file: string): Promise<Buffer<ArrayBuffer>> {
  const damaged = (cause?: unknown) => new RestoreError(`${file} is damaged or is not a backup`, { cause });
  const data = await readFile(file)
    .then(promisify(gunzip))
    .catch((cause: unknown) => {
      throw damaged(cause);
    });
  if (!data.includes(POSTGRES_FOLDER)) throw damaged();
  return data;
}

async function restoreFolder(file: string, folder: string, onWait?: () => void): Promise<void> {
  const lock = lockFolder(`${folder}.lock`, onWait);
  try {
    if (!takesRestore(folder)) throw new RestoreError(`${folder} is not empty; restore into an empty folder`);
    await fillFolder(folder, async () => {
      const data = new Blob([await unpack(file)], { type: "application/x-tar" });
      const client = await PGlite.create({ dataDir: folder, loadDataDir: data });
      try {
        assertKnownSchema(file, await migrationsIn(client));
      } finally {
        await client.close();
      }
    });
  } catch (error) {
    throw fileFailure(folder, error, SETTING);
  } finally {
    lock.release();
  }
}

/**
 * Checked here: `pg_restore` would only name the first table that is there already, or a permission that is missing.
 */
async function assertTakesBackup(location: string): Promise<void> {
  const database = await openStatements(location);
  try {
    const [row] = await database.query<{ empty: boolean; extensible: boolean }>(`
      select
        not exists (
          select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')
        ) as empty,
        exists (select from pg_extension where extname = 'vector')
          or (select rolsuper from pg_roles where rolname = current_user) as extensible`);
    const name = describeLocation(location);
    if (!row?.empty)
      throw new RestoreError(`the database ${name} is not empty; restore into an empty database`);
    if (!row.extensible)
      throw new RestoreError(
        `the database ${name} has no extension "vector"; run "create extension vector" in it as a superuser`,
      );
  } finally {
    await database.close();
  }
}

/** A folder that may not be searched hides whether the file is there: an operator must know which of the two it is. */
function assertReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    const denied = cause instanceof Error && "code" in cause && cause.code === "EACCES";
    const problem = denied ? "cannot be read by this user" : "does not exist";
    throw new RestoreError(`the file ${file} ${problem}`, { cause });
  }
}

/**
 * Restores a backup, entirely or not at all, into an empty folder or an empty database of a server.
 *
 * @param onWait called when it takes seconds to see whether a process of another container still has the folder open
 * @throws RestoreError when the target is not empty or lacks pgvector, or the backup is of the other kind or of a newer version
 * @throws FolderLockedError when another process has the folder open
 * @throws FolderNotWritableError when its files cannot be written, as on a full disk
 * @throws PostgresToolError when `pg_restore` is missing or fails
 */
export async function restoreBackup(file: string, location: string, onWait?: () => void): Promise<void> {
  const ending = isServerUrl(location) ? SERVER_BACKUP : FOLDER_BACKUP;
  if (!file.endsWith(ending))
    throw new RestoreError(
      `the backup file must end in ${ending}, got ${file}: ` +
        "backups of the embedded database restore into folders, those of servers into servers",
    );
  assertReadable(file);
  if (!isServerUrl(location)) return restoreFolder(file, location, onWait);
  await assertTakesBackup(location);
  assertKnownSchema(file, await migrationsInDump(file, location));
  await runPostgresTool("pg_restore", location, [
    "--single-transaction",
    "--no-owner",
    "--no-privileges",
    // An extension that an administrator made, as pgvector must be, is theirs to comment on.
    "--no-comments",
    `--dbname=${decodeURIComponent(new URL(location).pathname.slice(1))}`,
    file,
  ]);
}
