import { lstatSync, readdirSync, rmSync, statfsSync } from "node:fs";
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

/** The first path of a database that belongs to another user, as after a restore by root, and whose it is. */
function foreignPath(
  folder: string,
  user: number,
): { readonly path: string; readonly owner: number } | undefined {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const path of [folder, ...names.map((name) => join(folder, name))]) {
    const { uid: owner } = lstatSync(path);
    if (owner !== user) return { path, owner };
  }
  return undefined;
}

/** What to add to the reason: a user other than root cannot open what another user wrote. */
function ownerHint(folder: string, user: number | undefined): string {
  if (!user) return "";
  try {
    const foreign = foreignPath(folder, user);
    if (!foreign) return "";
    const { path, owner } = foreign;
    return `; ${path} belongs to user ${owner}, the site runs as user ${user}: chown -R ${user} ${folder}`;
  } catch {
    return `; not all of it can be read by user ${user}, as whom the site runs: chown -R ${user} ${folder}`;
  }
}

/** What to tell an operator of a database that `user` could not open, on whose disk so many bytes are free. */
export function openingFailure(
  folder: string,
  cause: unknown,
  { room, user }: { readonly room: number; readonly user?: number },
): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    room < ROOM
      ? `the disk of the database folder ${folder} has ${Math.floor(room / MB)} MB free; the database needs ${ROOM / MB} MB to open`
      : `the database in ${folder} could not be opened: ${reason}${ownerHint(folder, user)}`,
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
  let isNew = false;
  try {
    isNew = readdirSync(folder).length === 0;
    return await open(folder);
  } catch (error) {
    const failure = openingFailure(folder, error, { room: roomOf(folder), user: process.getuid?.() });
    if (isNew) for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    throw failure;
  }
}
