import { readFile, dataDirectory as systemDirectory } from "#read-file";
import { shown } from "../check/describe.ts";
import { ArgumentError, DataMissingError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { catalogueEntry } from "./download/catalogue.ts";
import { gunzip } from "./gzip.ts";

let chosen: URL | undefined;

/**
 * Sets the folder of data files for this thread instead of the one from the environment; undefined resets it. In a
 * browser it is the address at which a site serves the files.
 *
 * @param directory a URL that ends in a slash
 * @throws ArgumentError when the URL does not end in a slash
 */
export function setDataDirectory(directory: URL | undefined): void {
  if (directory !== undefined && !(directory instanceof URL && directory.pathname.endsWith("/")))
    throw new ArgumentError(`directory must be a URL that ends in a slash, got ${shown(directory)}`);
  chosen = directory;
}

/**
 * The folder of the data files, as a URL that ends in a slash: the one set by `setDataDirectory`; otherwise, in Node,
 * GRADUS_DATA_DIR, else `gradus` in XDG_CACHE_HOME, else `gradus` in ~/.cache. Undefined in a browser if none was set.
 *
 * @throws DataError when none of these is set and the user has no home folder
 */
export function dataDirectory(): URL | undefined {
  return chosen ?? systemDirectory();
}

/**
 * The URL of a file in the data directory.
 *
 * @throws ArgumentError when the name contains a folder
 */
export function dataFileUrl(name: string, directory: URL): URL {
  if (name === "" || name === ".." || name === "." || /[/\\]/.test(name))
    throw new ArgumentError(`name must be a file name without a folder, got "${name}"`);
  return new URL(encodeURIComponent(name), directory);
}

/** The URL of a copy of the file from a system package, if one could exist. */
export function installedCopy(name: string): URL | undefined {
  const path = catalogueEntry(name)?.file.installed;
  return path === undefined ? undefined : new URL(`file://${path}`);
}

async function readOrMiss(
  url: URL,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await gunzip(await readFile(url, signal));
  } catch (error) {
    if (error instanceof DataMissingError) return undefined;
    throw error;
  }
}

/**
 * The content of a file in the data directory (`dataDirectory`), or of a copy from a system package, decompressed if it
 * is gzip.
 *
 * @param name a file name without a folder
 * @throws DataMissingError when the file does not exist, saying how to get it; in a browser, unless it is at the
 *   address set by `setDataDirectory`
 * @throws ArgumentError when the name contains a folder, or for an unknown option
 * @throws DataError when a gzip file is corrupt or truncated
 * @throws the signal's reason on abort
 */
export async function readDataFile(
  name: string,
  options: { installed?: URL; signal?: AbortSignal } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions("readDataFile", options, ["installed", "signal"]);
  const { installed = installedCopy(name), signal } = options;
  const folder = dataDirectory();
  if (folder === undefined)
    throw new DataMissingError(
      `${name} is not bundled with the library: in a browser, name an address that serves it with setDataDirectory, or use Node`,
    );
  const content =
    (await readOrMiss(dataFileUrl(name, folder), signal)) ??
    (installed && (await readOrMiss(installed, signal)));
  if (content !== undefined) return content;
  const set = catalogueEntry(name)?.set;
  const remedy = set === undefined ? "put it there" : `fetch it with downloadDataset("${set}")`;
  throw new DataMissingError(
    `${name} is not in the data folder ${folder.protocol === "file:" ? folder.pathname : folder.href}: ${remedy}, or set its folder in the environment ` +
      "variable GRADUS_DATA_DIR",
  );
}
