import { DataMissingError } from "../../check/errors.ts";
import type { FetchRequest } from "./contract.ts";

/**
 * A page has no folder to keep files in, and the publishers' servers do not let pages read them.
 *
 * @throws DataMissingError always
 */
export async function fetchFile({ target }: FetchRequest): Promise<void> {
  throw new DataMissingError(`${target.pathname} cannot be downloaded in a browser: use Node`);
}

/** @returns false: a page has no files of its own */
export async function fileExists(): Promise<boolean> {
  return false;
}
