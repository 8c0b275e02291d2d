import { join } from "node:path";
import type { JobDatabase } from "@gradus/database";
import { GradusError } from "gradus/check";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { openSweepDatabase } from "./queue.ts";

/** As `--database` gives it. */
export interface DatabaseOptions {
  readonly database?: string;
}

/** The database that a command line means. */
export function databaseLocation({ home }: Pick<Host, "home">, { database }: DatabaseOptions): string {
  const { DATABASE_URL: url, GRADUS_DATABASE_DIR: folder } = process.env;
  return database ?? (url || folder || join(home, "database"));
}

/** The arguments that mean the same database. */
export function databaseArguments({ database }: DatabaseOptions): string[] {
  return database === undefined ? [] : ["--database", database];
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** A listener that tells of each trouble with the database once. */
function tellOnce({ err }: Pick<Host, "err">): (error: Error) => void {
  const told = new Set<string>();
  return (error) => {
    const reason = reasonOf(error);
    if (told.has(reason)) return;
    told.add(reason);
    writeLines(err, [`database: ${reason}`]);
  };
}

/**
 * Opens the sweeps of a database.
 *
 * @throws UsageError when it is a folder that another process has open
 * @throws GradusError when it cannot be reached
 */
export async function open(host: Host, location: string): Promise<JobDatabase> {
  try {
    return await openSweepDatabase(location, tellOnce(host));
  } catch (cause) {
    if (cause instanceof Error && cause.name === "FolderLockedError")
      throw new UsageError(
        `${cause.message}. That is a sweep under way, or the site. Wait for it or stop it; or use another folder: ` +
          `--database ${join(host.home, "sweeps")}; or share a Postgres server: --database postgres://...`,
        { cause },
      );
    const { describeLocation } = await import("@gradus/database");
    throw new GradusError(`cannot open the database ${describeLocation(location)}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}
