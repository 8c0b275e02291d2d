import { readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "@gradus/database/make-folder";

const MB = 1_000_000;
/** Bytes that an embedded database must find on its disk: a new one takes 40 MB, and writes its journal beside them. */
const ROOM = 64 * MB;

/** Bytes that are free on the disk of a folder. */
function roomOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What to tell an operator of a database that could not be opened, on whose disk so many bytes are free. */
export function openingFailure(folder: string, cause: unknown, room: number): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    room < ROOM
      ? `the disk of the database folder ${folder} has ${Math.floor(room / MB)} MB free; the database needs ${ROOM / MB} MB to open`
      : `the database in ${folder} could not be opened: ${reason}`,
    { cause },
  );
}

/**
 * Opens the database of a folder, which is made where it is missing. Where that fails, a folder that was empty is empty
 * again: half a database could never be opened, and would look like one.
 *
 * @throws Error which says where the database is and why it cannot be opened
 */
export async function openInFolder<T>(folder: string, open: (folder: string) => Promise<T>): Promise<T> {
  makeFolders(folder);
  const isNew = readdirSync(folder).length === 0;
  try {
    return await open(folder);
  } catch (error) {
    const failure = openingFailure(folder, error, roomOf(folder));
    if (isNew) for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    throw failure;
  }
}
