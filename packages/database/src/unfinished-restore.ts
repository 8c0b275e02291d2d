import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isUnfinished, markFinished } from "./unfinished-creation.ts";

/** A process ended while it restored a backup into the folder: part of a database is no database. */
export class UnfinishedRestoreError extends Error {
  override name = "UnfinishedRestoreError";
}

/** The file that is beside a folder while a backup is restored into it. */
const markOf = (folder: string) => `${folder}.restoring`;

/** @throws UnfinishedRestoreError when the folder has part of a database */
export function assertRestored(folder: string): void {
  if (existsSync(markOf(folder)))
    throw new UnfinishedRestoreError(
      `restoring a backup into ${folder} was interrupted; run "db restore" again, which begins anew`,
    );
}

/** Whether nothing is in the folder but what a restore or the creation of a database left that was interrupted. */
export function takesRestore(folder: string): boolean {
  return (
    existsSync(markOf(folder)) ||
    isUnfinished(folder) ||
    !existsSync(folder) ||
    readdirSync(folder).length === 0
  );
}

/** Fills a folder that `takesRestore`, entirely or not at all: if this process is killed, the folder counts as unfinished. */
export async function fillFolder(folder: string, fill: () => Promise<void>): Promise<void> {
  writeFileSync(markOf(folder), "");
  try {
    if (existsSync(folder))
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    markFinished(folder);
    await fill();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(markOf(folder), { force: true });
  }
}
