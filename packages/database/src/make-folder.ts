import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A folder cannot be made or written into. */
export class FolderNotWritableError extends Error {
  override name = "FolderNotWritableError";
}

/** Says into which folder nothing can be written, why, and which setting names another. */
export function notWritable(folder: string, cause: unknown, setting: string): FolderNotWritableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FolderNotWritableError(
    `cannot write into ${folder} (${reason}); set ${setting} to a writable folder`,
    { cause },
  );
}

/** Makes one folder; another process may make it at the same time. */
function makeOne(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/**
 * Makes a folder and those above it, one after another: Node's recursive `mkdir` never ends below /proc, where folders
 * cannot be made.
 *
 * @returns the first folder that was made; undefined where all were there
 * @throws what the file system says
 */
export function makeFolders(folder: string, mode?: number): string | undefined {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.unshift(path);
  for (const path of missing) makeOne(path, mode);
  if (missing.length === 0) makeOne(folder, mode);
  return missing[0];
}

/**
 * Makes a folder into which this process can write, and those above it.
 *
 * @throws FolderNotWritableError which names the setting that the folder came from
 */
export function makeFolder(folder: string, setting: string, mode?: number): void {
  try {
    makeFolders(folder, mode);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw notWritable(folder, cause, setting);
  }
}
