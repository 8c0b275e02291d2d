import { statSync } from "node:fs";
import { dirname } from "node:path";
import { makeAdministratorLink } from "@gradus/database/administrator-link";
import { GradusError } from "gradus/check";
import { exitStatus } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";

export interface AdministratorOptions {
  readonly folder?: string;
}

/**
 * `gradus administrator`. Returns the exit status.
 *
 * @throws GradusError when there is no such folder, or it cannot be written into
 */
export async function printAdministratorLink(host: Host, options: AdministratorOptions): Promise<number> {
  const { GRADUS_DATABASE_DIR: database, ORIGIN: origin = "" } = process.env;
  const folder = options.folder ?? (database ? dirname(database) : host.home);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new GradusError(
      `there is no folder ${folder}; --folder names the data folder of a site that was started before`,
    );
  try {
    const { path, expiresAt } = makeAdministratorLink(folder, new Date());
    writeLines(host.out, [`${origin}${path}`]);
    writeLines(host.err, [
      `${origin ? "Open it" : "Open this path on the site"} by ${expiresAt.toISOString().slice(0, 16)}Z; it works once.`,
    ]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GradusError(`cannot write into ${folder} (${reason})`, { cause });
  }
  return exitStatus.success;
}
