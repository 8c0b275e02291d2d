import { DataMissingError } from "../../check/errors.ts";
import type { FetchRequest } from "./contract.ts";

/**
 * Always fails: a page has no folder for files, and the publishers' servers do not allow pages to read them.
 *
 * @throws DataMissingError always
 */
export async function fetchFile({ target }: FetchRequest): Promise<void> {
  throw new DataMissingError(`${target.pathname} cannot be downloaded in a browser: use Node`);
}

/** Always false: a page has no files of its own. */
export async function fileExists(): Promise<boolean> {
  return false;
}
