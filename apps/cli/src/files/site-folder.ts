import { statSync } from "node:fs";
import { dirname } from "node:path";
import { GradusError } from "gradus/check";
import type { Host } from "../host.ts";

/** The option that names the folder. */
export interface SiteFolderOption {
  readonly folder?: string;
}

/**
 * The data folder of a site: what `--folder` names, else the folder of `GRADUS_DATABASE_DIR`, else the home folder.
 *
 * @throws GradusError when there is no such folder
 */
export function siteFolder(host: Pick<Host, "home">, options: SiteFolderOption): string {
  const { GRADUS_DATABASE_DIR: database } = process.env;
  const folder = options.folder ?? (database ? dirname(database) : host.home);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new GradusError(
      `there is no folder ${folder}; --folder names the data folder of a site that was started before`,
    );
  return folder;
}

/** Writes into the data folder of a site. @throws GradusError when that cannot be done */
export function writeIntoSite<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GradusError(`cannot write into ${folder} (${reason})`, { cause });
  }
}
