import { DataError, DataMissingError } from "../check/errors.ts";
import { dataUrlBytes } from "./data-url.ts";

/**
 * The bytes at an http(s): or data: URL. A data: URL is decoded here, because a page's content security policy may
 * forbid fetching it.
 *
 * @throws DataMissingError when the server answers 404
 * @throws DataError when the server answers with another error
 * @throws the signal's reason on abort
 */
export async function readFile(url: URL, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  if (url.protocol === "data:") return dataUrlBytes(url);
  const response = await fetch(url, { signal });
  if (response.status === 404) throw new DataMissingError(`file not found: ${url}`);
  if (!response.ok)
    throw new DataError(`${url} could not be fetched: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Always undefined: a page has no folder of its own. */
export function dataDirectory(): URL | undefined {
  return undefined;
}
