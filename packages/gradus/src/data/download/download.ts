import { fetchFile, fileExists } from "#fetch-file";
import { ArgumentError, DataError, DataMissingError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { dataDirectory, dataFileUrl, installedCopy } from "../data-directory.ts";
import { parseLibsvm } from "../libsvm.ts";
import { type CatalogueFile, downloadableSets } from "./catalogue.ts";
import type { DownloadProgress } from "./contract.ts";
import { type DownloadableName, isDownloadable } from "./names.ts";

export interface DownloadOptions {
  /** A file: URL that ends in a slash; defaults to the data directory. */
  readonly directory?: URL;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

function filesOf(name: DownloadableName): readonly CatalogueFile[] {
  if (!isDownloadable(name))
    throw new ArgumentError(`name must be one of ${Object.keys(downloadableSets).join(", ")}, got "${name}"`);
  return downloadableSets[name].files;
}

function directoryOr(given: URL | undefined, name: string): URL {
  const directory = given ?? dataDirectory();
  if (directory === undefined)
    throw new DataMissingError(`${name} cannot be downloaded in a browser: use Node`);
  return directory;
}

/** A check of a LIBSVM file's size, for files without a checksum. */
function sizeCheck({ name, libsvm }: CatalogueFile): ((content: Uint8Array) => void) | undefined {
  if (libsvm === undefined) return undefined;
  return (content) => {
    const { x } = parseLibsvm(content, { name, dimension: libsvm.columns });
    if (x.rows !== libsvm.rows) throw new DataError(`${name} must have ${libsvm.rows} rows, got ${x.rows}`);
  };
}

const underWay = new Map<string, Promise<void>>();

/** One transfer per file at a time in this process: a second caller waits and then finds the file. */
async function oneAtATime(key: string, work: () => Promise<void>): Promise<void> {
  const earlier = underWay.get(key);
  const mine = (earlier?.catch(() => undefined) ?? Promise.resolve()).then(work);
  underWay.set(key, mine);
  try {
    await mine;
  } finally {
    if (underWay.get(key) === mine) underWay.delete(key);
  }
}

/**
 * The files of a downloadable set that are neither in the data directory nor installed by a system package.
 *
 * @throws ArgumentError when the name is not in `downloadableSets`
 * @throws DataMissingError in a browser
 */
export async function missingFiles(
  name: DownloadableName,
  { directory }: Pick<DownloadOptions, "directory"> = {},
): Promise<CatalogueFile[]> {
  const files = filesOf(name);
  const folder = directoryOr(directory, name);
  const missing: CatalogueFile[] = [];
  for (const file of files) {
    const copy = installedCopy(file.name);
    if (await fileExists(dataFileUrl(file.name, folder))) continue;
    if (copy === undefined || !(await fileExists(copy))) missing.push(file);
  }
  return missing;
}

/**
 * Downloads the missing files of a data set into the data directory (GRADUS_DATA_DIR, else the user's cache). Files are
 * checked by SHA-256 where one is published, broken transfers are resumed, and mirrors are tried if the first address
 * fails. Node only.
 *
 * @returns the file: URLs of the files downloaded by this call
 * @throws ArgumentError when the name is not in `downloadableSets`, or for an unknown option
 * @throws DownloadError saying for every address what went wrong
 * @throws DataMissingError in a browser
 * @throws the signal's reason when it is aborted
 */
export async function downloadDataset(name: DownloadableName, options: DownloadOptions = {}): Promise<URL[]> {
  checkOptions("downloadDataset", options, ["directory", "onProgress", "signal"]);
  const { directory, onProgress, signal } = options;
  const folder = directoryOr(directory, name);
  const fetched: URL[] = [];
  for (const file of await missingFiles(name, { directory: folder })) {
    const target = dataFileUrl(file.name, folder);
    await oneAtATime(target.href, async () => {
      signal?.throwIfAborted();
      if (await fileExists(target)) return;
      const { urls, sha256 } = file;
      await fetchFile({ urls, target, sha256, verify: sizeCheck(file), onProgress, signal });
      fetched.push(target);
    });
  }
  return fetched;
}
