import { existsSync, readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../make-folder.ts";
import { DRAFT } from "./atomic-write.ts";
import { backupName, backupTime } from "./dump.ts";
import { expiredBackups } from "./retention.ts";

/** The times of the backups in a folder, unordered. */
export function backupTimes(folder: string): Date[] {
  makeFolder(folder, "GRADUS_BACKUP_DIR");
  return readdirSync(folder)
    .map(backupTime)
    .filter((time) => time !== undefined);
}

/** Milliseconds without a write after which nobody writes a draft any more: a backup of the site may take 6 hours. */
const DRAFT_LEFT = 12 * 3_600_000;

/** Removes what processes left that ended while they made a backup. */
async function removeDrafts(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(DRAFT) || !backupTime(name.slice(0, -DRAFT.length))) continue;
    const file = join(folder, name);
    const written = statSync(file, { throwIfNoEntry: false });
    if (written && Date.now() - written.mtimeMs > DRAFT_LEFT) await rm(file, { force: true });
  }
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
  // First: they may be what fills the disk.
  await removeDrafts(folder);
  const file = join(folder, backupName(time, ending));
  await dump(file);
  const expired = new Set(expiredBackups(backupTimes(folder)).map((old) => old.getTime()));
  for (const name of readdirSync(folder)) {
    const made = backupTime(name);
    if (made && expired.has(made.getTime())) await rm(join(folder, name), { force: true });
  }
  return file;
}
