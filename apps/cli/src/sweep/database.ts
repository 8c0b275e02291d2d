import { join, resolve, sep } from "node:path";
import type { JobDatabase } from "@gradus/database";
import { secretSetting } from "@gradus/database/mail-settings";
import { GradusError } from "gradus/check";
import { quote } from "../command-line/arguments.ts";
import { UsageError } from "../errors.ts";
import { homeFolder, makeHome } from "../files/home-folder.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { wrap } from "../terminal/text.ts";
import { openSweepDatabase } from "./queue.ts";

/** As `--database` gives it. */
export interface DatabaseOptions {
  readonly database?: string;
}

const isServer = (location: string) => /^postgres(ql)?:\/\//.test(location);

/** The database of `DATABASE_URL`, or of the file that `DATABASE_URL_FILE` names. @throws UsageError when that cannot be read */
function settingOfServer(): string | undefined {
  try {
    return secretSetting(process.env, "DATABASE_URL");
  } catch (cause) {
    throw new UsageError(reasonOf(cause), { cause });
  }
}

/** A location that is no URL, or one of a server. @throws UsageError for other URLs, without showing their password */
function checkedLocation(name: string, location: string): string {
  if (/^[a-z][\w+.-]*:\/\//i.test(location) && !(isServer(location) && URL.canParse(location)))
    throw new UsageError(
      `${name} must be a URL such as postgres://user:password@localhost/gradus, with special characters of the password percent-encoded, or a folder`,
    );
  return location;
}

/**
 * The database selected by a command line.
 *
 * @throws UsageError when it is a URL, but not one of a Postgres server
 */
export function databaseLocation({ home }: Pick<Host, "home">, { database }: DatabaseOptions): string {
  if (database !== undefined) return checkedLocation("--database", database);
  const url = settingOfServer();
  if (url) return checkedLocation("DATABASE_URL", url);
  return process.env.GRADUS_DATABASE_DIR || homeFolder(home, "database");
}

/** Makes this program's folder when a database is going to be in it. @throws HomeFolderError when it cannot be written */
export async function makeHomeOf({ home }: Pick<Host, "home">, location: string): Promise<void> {
  if (resolve(location).startsWith(resolve(home) + sep)) await makeHome(home);
}

/** The arguments that mean the same database. */
export function databaseArguments({ database }: DatabaseOptions): string[] {
  return database === undefined ? [] : ["--database", database];
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** A listener that reports each problem with the database once. */
function tellOnce({ err }: Pick<Host, "err">): (error: Error) => void {
  const told = new Set<string>();
  return (error) => {
    const reason = reasonOf(error);
    if (told.has(reason)) return;
    told.add(reason);
    writeLines(err, [`database: ${reason}`]);
  };
}

/** Says that a command waits for the lock that a process of another container left. */
export function tellOfWait({ err }: Pick<Host, "err">, location: string): () => void {
  return () =>
    writeLines(
      err,
      wrap(
        `Waiting up to 20 s to see whether a process of another container still has the database in ${location} open.`,
        err.columns,
      ),
    );
}

/**
 * Opens the sweeps of a database.
 *
 * @throws UsageError when it is a folder that another process has open
 * @throws GradusError when it cannot be reached, or its folder cannot be written
 */
export async function open(host: Host, location: string): Promise<JobDatabase> {
  await makeHomeOf(host, location);
  try {
    return await openSweepDatabase(location, tellOnce(host), tellOfWait(host, location));
  } catch (cause) {
    const { describeLocation, FolderLockedError } = await import("@gradus/database");
    if (cause instanceof FolderLockedError)
      throw new UsageError(
        `the database in ${describeLocation(location)} is open in ${cause.pid === undefined ? "another process" : `process ${cause.pid}`}, ` +
          "a running sweep or the site. Wait for it or stop it, use another folder: " +
          `--database ${quote(join(host.home, "sweeps"))}, or use a Postgres server: --database postgres://...`,
        { cause },
      );
    throw new GradusError(`cannot open the database ${describeLocation(location)}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}
