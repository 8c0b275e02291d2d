import { makeAdministratorLink } from "@gradus/database/administrator-link";
import { exitStatus } from "../errors.ts";
import { type SiteFolderOption, siteFolder, writeIntoSite } from "../files/site-folder.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";

export type AdministratorOptions = SiteFolderOption;

/**
 * `gradus administrator`. Returns the exit status.
 *
 * @throws GradusError when there is no such folder, or it cannot be written into
 */
export async function printAdministratorLink(host: Host, options: AdministratorOptions): Promise<number> {
  const { ORIGIN: origin = "" } = process.env;
  const folder = siteFolder(host, options);
  const { path, expiresAt } = writeIntoSite(folder, () => makeAdministratorLink(folder, new Date()));
  writeLines(host.out, [`${origin}${path}`]);
  writeLines(host.err, [
    `${origin ? "Open it" : "Open this path on the site"} by ${expiresAt.toISOString().slice(0, 16)}Z; it works once.`,
  ]);
  return exitStatus.success;
}
