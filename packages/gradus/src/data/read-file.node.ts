import { readFile as read } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { DataError, DataMissingError } from "../errors.ts";
import { dataUrlBytes } from "./data-url.ts";

/**
 * The bytes of a file: or data: URL.
 *
 * @throws DataMissingError when there is no such file
 * @throws DataError when the URL is of another kind
 */
export async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "data:") return dataUrlBytes(url);
  if (url.protocol !== "file:") throw new DataError(`only file: and data: URLs can be read, got ${url}`);
  try {
    return new Uint8Array(await read(url));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new DataMissingError(`there is no file ${url}`, { cause });
    throw cause;
  }
}

/** The folder named by the environment variable GRADUS_DATA_DIR, as a URL that ends in a slash. */
export function dataDirectory(): URL | undefined {
  const folder = process.env.GRADUS_DATA_DIR;
  return folder ? pathToFileURL(`${folder}/`) : undefined;
}
