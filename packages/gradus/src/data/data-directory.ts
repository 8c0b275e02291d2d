import { dataDirectory, readFile } from "#read-file";
import { ArgumentError, DataMissingError } from "../errors.ts";
import { gunzip } from "./gzip.ts";

export { dataDirectory };

/**
 * The content of a file that the user provides in the folder GRADUS_DATA_DIR, decompressed if it is gzip.
 *
 * @param name a file name without a folder
 * @throws DataMissingError when no folder is named or the file is not in it (always so in a browser)
 * @throws ArgumentError when the name has a folder in it
 * @throws DataError when the file is gzip and damaged
 */
export async function readDataFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (name === "" || name === ".." || name === "." || /[/\\]/.test(name))
    throw new ArgumentError(`name must be a file name without a folder, got "${name}"`);
  const folder = dataDirectory();
  if (folder === undefined)
    throw new DataMissingError(
      `${name} is not part of the library: put it in a folder and name that folder in the environment variable ` +
        "GRADUS_DATA_DIR (in Node; a browser has no such folder)",
    );
  try {
    return await gunzip(await readFile(new URL(encodeURIComponent(name), folder)));
  } catch (cause) {
    if (!(cause instanceof DataMissingError)) throw cause;
    throw new DataMissingError(`${name} is not in GRADUS_DATA_DIR (${folder.pathname}): put it there`, {
      cause,
    });
  }
}
