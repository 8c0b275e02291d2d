import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../make-folder.ts";
import { backupName, backupTime } from "./dump.ts";
import { expiredBackups } from "./retention.ts";

/** The times of the backups in a folder, unordered. */
export function backupTimes(folder: string): Date[] {
  makeFolder(folder, "GRADUS_BACKUP_DIR");
  return readdirSync(folder)
    .map(backupTime)
    .filter((time) => time !== undefined);
}

/**
 * Makes a backup in `folder`, removes expired ones (see `expiredBackups`) and returns the new file.
 */
export async function backUpWithRetention(
  folder: string,
  {
    time,
    ending,
    dump,
  }: { readonly time: Date; readonly ending: string; readonly dump: (file: string) => Promise<void> },
): Promise<string> {
  const file = join(folder, backupName(time, ending));
  await dump(file);
  const expired = new Set(expiredBackups(backupTimes(folder)).map((old) => old.getTime()));
  for (const name of readdirSync(folder)) {
    const made = backupTime(name);
    if (made && expired.has(made.getTime())) await rm(join(folder, name), { force: true });
  }
  return file;
}
