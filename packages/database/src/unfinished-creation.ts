import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** The file that is beside a folder while its database is created. */
const markOf = (folder: string) => `${folder}.creating`;

/** What a folder that somebody put in this one's place does not share with it. */
function identityOf(folder: string): string {
  const { ino, birthtimeNs } = statSync(folder, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

/** Whether the creation of the folder's database was cut short: part of a database is no database, and has no data yet. */
export function isUnfinished(folder: string): boolean {
  if (!existsSync(markOf(folder)) || !existsSync(folder)) return false;
  return readFileSync(markOf(folder), "utf8") === identityOf(folder);
}

/** Takes the mark away for good: after a power failure, too, it must not be beside a database that has data. */
export function markFinished(folder: string): void {
  if (!existsSync(markOf(folder))) return;
  rmSync(markOf(folder));
  try {
    const parent = openSync(dirname(folder), "r");
    fsyncSync(parent);
    closeSync(parent);
  } catch {
    // Not every system opens folders.
  }
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}

/**
 * Opens the database of a folder, or creates it where the folder is empty: entirely or not at all. A creation that was cut
 * short, as by a full disk or the end of the process, is begun anew.
 */
export async function openOrCreate<T>(folder: string, open: () => Promise<T>): Promise<T> {
  if (!isUnfinished(folder) && readdirSync(folder).length > 0) {
    markFinished(folder);
    return open();
  }
  writeFileSync(markOf(folder), identityOf(folder));
  empty(folder);
  let opened: T;
  try {
    opened = await open();
  } catch (error) {
    empty(folder);
    markFinished(folder);
    throw error;
  }
  markFinished(folder);
  return opened;
}
