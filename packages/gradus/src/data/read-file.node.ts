import { readFile as read } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { DataError, DataMissingError } from "../check/errors.ts";
import { dataUrlBytes } from "./data-url.ts";

/**
 * The bytes of a file: or data: URL.
 *
 * @throws DataMissingError when the file does not exist
 * @throws DataError when the URL has another scheme
 * @throws the signal's reason on abort
 */
export async function readFile(url: URL, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  if (url.protocol === "data:") return dataUrlBytes(url);
  if (url.protocol !== "file:") throw new DataError(`only file: and data: URLs can be read, got ${url}`);
  try {
    return new Uint8Array(await read(url, { signal }));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new DataMissingError(`file not found: ${url}`, { cause });
    throw cause;
  }
}

const NO_HOME =
  "there is no folder for data files: this user has no home folder; set its path in the environment variable GRADUS_DATA_DIR";

/** @throws DataError for a user without HOME and without an entry among the system's users, or with an empty HOME */
function userCache(): string {
  let home: string;
  try {
    home = homedir();
  } catch (cause) {
    throw new DataError(NO_HOME, { cause });
  }
  if (isAbsolute(home)) return join(home, ".cache");
  throw new DataError(NO_HOME);
}

/**
 * The folder of the data files, as a URL that ends in a slash: GRADUS_DATA_DIR, else `gradus` in XDG_CACHE_HOME, else
 * `gradus` in ~/.cache.
 *
 * @throws DataError when no variable names it and the user has no home folder
 */
export function dataDirectory(): URL | undefined {
  const { GRADUS_DATA_DIR: own, XDG_CACHE_HOME: cache } = process.env;
  if (own) return pathToFileURL(`${own}/`);
  // The XDG specification says to ignore relative paths.
  const shared = cache && isAbsolute(cache) ? cache : userCache();
  return pathToFileURL(`${join(shared, "gradus")}/`);
}
