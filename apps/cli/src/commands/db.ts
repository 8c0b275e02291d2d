import { GradusError } from "gradus/check";
import { exitStatus } from "../errors.ts";
import { makeHomeFolder } from "../files/home-folder.ts";
import { writeWhole } from "../files/write-whole.ts";
import type { Host } from "../host.ts";
import { type DatabaseOptions, databaseLocation, makeHomeOf, tellOfWait } from "../sweep/database.ts";
import { writeLines } from "../terminal/output.ts";

export type { DatabaseOptions };

export interface ExportOptions extends DatabaseOptions {
  readonly out?: string;
}

export interface BackupOptions extends DatabaseOptions {
  readonly folder?: string;
}

/** Errors reported by their message alone. */
const EXPECTED = new Set([
  "DatabaseMissingError",
  "DatabaseUnreachableError",
  "FolderLockedError",
  "FolderNotWritableError",
  "PostgresToolError",
  "RestoreError",
  "UnfinishedRestoreError",
]);

/** Runs an action on the database that is meant. @throws GradusError in place of the database's expected failures */
async function onDatabase(
  host: Host,
  options: DatabaseOptions,
  act: (location: string) => Promise<void>,
): Promise<number> {
  try {
    await act(databaseLocation(host, options));
  } catch (cause) {
    if (cause instanceof Error && EXPECTED.has(cause.name)) throw new GradusError(cause.message, { cause });
    throw cause;
  }
  return exitStatus.success;
}

/** `gradus db export`. Returns the exit status. */
export function exportPapers(host: Host, options: ExportOptions): Promise<number> {
  const { out: file } = options;
  return onDatabase(host, options, async (location) => {
    const { exportLines, openStatements, planMigrations: plan } = await import("@gradus/database");
    const { migrations } = await import("@gradus/database/migrations");
    const database = await openStatements(location, tellOfWait(host, location));
    try {
      if ((await plan(database, migrations)).some(({ state }) => state === "pending"))
        throw new GradusError(
          "the database lacks tables of the site's papers; the site makes them when it is started on it",
        );
      const lines = exportLines(database, new Date());
      if (file === undefined) {
        for await (const line of lines) host.out.write(`${line}\n`);
        return;
      }
      let count = -1;
      const counted = async function* () {
        for await (const line of lines) {
          count += 1;
          yield `${line}\n`;
        }
      };
      await writeWhole(file, counted());
      writeLines(host.err, [`${count} papers written to ${file}`]);
    } finally {
      await database.close();
    }
  });
}

/** `gradus db backup`. Returns the exit status. */
export function backup(host: Host, options: BackupOptions): Promise<number> {
  return onDatabase(host, options, async (location) => {
    const { backUp, FOLDER_BACKUP, isServerUrl, backUpWithRetention, SERVER_BACKUP } = await import(
      "@gradus/database"
    );
    const folder = options.folder ?? (await makeHomeFolder(host.home, "backups"));
    const file = await backUpWithRetention(folder, {
      time: new Date(),
      ending: isServerUrl(location) ? SERVER_BACKUP : FOLDER_BACKUP,
      dump: (to) => backUp(location, to, tellOfWait(host, location)),
    });
    writeLines(host.out, [file]);
  });
}

/** `gradus db restore`. Returns the exit status. */
export function restore(host: Host, file: string, options: DatabaseOptions): Promise<number> {
  return onDatabase(host, options, async (location) => {
    const { describeLocation, restoreBackup } = await import("@gradus/database");
    await makeHomeOf(host, location);
    await restoreBackup(file, location, tellOfWait(host, location));
    writeLines(host.out, [`restored into ${describeLocation(location)}`]);
  });
}

/** `gradus db migrate --plan`. Returns the exit status. */
export function planMigrations(host: Host, options: DatabaseOptions): Promise<number> {
  return onDatabase(host, options, async (location) => {
    const { openStatements, planMigrations: plan } = await import("@gradus/database");
    const { migrations } = await import("@gradus/database/migrations");
    const database = await openStatements(location, tellOfWait(host, location));
    try {
      const steps = await plan(database, migrations);
      writeLines(
        host.out,
        steps.map(({ version, state, appliedAt }) =>
          [version, state, ...(appliedAt ? [`${appliedAt} UTC`] : [])].join("  "),
        ),
      );
      const blocked = steps.filter(({ state }) => state === "changed" || state === "unknown");
      if (blocked.length > 0)
        throw new GradusError(
          `the site would not start: ${blocked.map(({ version, state }) => `${version} is ${state}`).join(", ")}`,
        );
    } finally {
      await database.close();
    }
  });
}
