import { access, stat } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CatalogueFile,
  type CatalogueSet,
  type DatasetName,
  type DownloadableName,
  dataDirectory,
  datasetNames,
  datasetUrl,
  downloadableSets,
  loadDataset,
} from "gradus/data";
import { didYouMean } from "../command-line/suggest.ts";
import { UsageError } from "../errors.ts";

/** Where a data set, or a file of it, is. */
export type Place = "bundled" | "data folder" | "system" | "missing";

/** A file of a set, and the copy of it that is at hand. */
export interface FileState {
  readonly file: CatalogueFile;
  readonly place: Exclude<Place, "bundled">;
  /** Where it is, or where it would be put. */
  readonly path: string;
  /** Of the copy at hand, else of the published file where that is known. */
  readonly bytes: number | undefined;
}

/** A data set as it is listed. */
export interface SetState {
  readonly name: string;
  readonly title: string;
  /** Rows and columns, such as `150 x 4`, or `32561 + 16281 x 123` where rows to test with are apart. */
  readonly size: string;
  readonly source: string;
  readonly license: string;
  /** Bytes of all its files, as far as they are known. */
  readonly bytes: number | undefined;
  readonly place: Place | "in part";
  /** Of a set that can be downloaded. */
  readonly files: readonly FileState[];
}

export function isDownloadable(name: string): name is DownloadableName {
  return Object.hasOwn(downloadableSets, name);
}

export function isBundled(name: string): name is DatasetName {
  return datasetNames.some((known) => known === name);
}

export const downloadableNames: readonly DownloadableName[] =
  Object.keys(downloadableSets).filter(isDownloadable);

/** The folder into which sets are pulled. */
export function dataFolder(): URL {
  const folder = dataDirectory();
  if (folder === undefined) throw new Error("this platform has no data folder");
  return folder;
}

async function fileState(file: CatalogueFile): Promise<FileState> {
  const own = fileURLToPath(new URL(encodeURIComponent(file.name), dataFolder()));
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  const at = async (path: string, place: FileState["place"]) => {
    const { size } = await stat(path);
    return { file, place, path, bytes: size };
  };
  if (await exists(own)) return at(own, "data folder");
  const { installed } = file;
  if (installed !== undefined && (await exists(installed)))
    return at(fileURLToPath(pathToFileURL(installed)), "system");
  return { file, place: "missing", path: own, bytes: file.bytes };
}

function placeOf(files: readonly FileState[]): SetState["place"] {
  const places = new Set(files.map(({ place }) => place));
  if (places.size === 1) return files[0].place;
  return places.has("missing") ? "in part" : "data folder";
}

/** Rows and columns, as the titles of the catalogue tell them; an image is a row of its pixels. */
function sizeIn(title: string): string {
  const [, rows = "", height = "", width = "1"] =
    /(\d+(?: \+ \d+)?) (?:rows|images) of (\d+)(?: x (\d+))?/.exec(title) ?? [];
  return rows === "" ? "" : `${rows} x ${Number(height) * Number(width)}`;
}

/** What is known of a set that can be downloaded, and which of its files are at hand. */
export async function downloadableState(name: DownloadableName): Promise<SetState> {
  const { title, source, license, files: catalogue }: CatalogueSet = downloadableSets[name];
  const files = await Promise.all(catalogue.map(fileState));
  const known = files.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]));
  return {
    name,
    title,
    size: sizeIn(title),
    source,
    license,
    bytes: known.length === files.length ? known.reduce((a, b) => a + b, 0) : undefined,
    place: placeOf(files),
    files,
  };
}

/** What is known of a set that comes with the library. */
export async function bundledState(name: DatasetName): Promise<SetState> {
  const set = await loadDataset(name);
  const target = set.classNames ? `${set.classNames.length} classes` : "numeric target";
  const { size } = await stat(datasetUrl(name));
  return {
    name,
    title: `${set.x.rows} rows of ${set.x.columns} features, ${target}`,
    size: `${set.x.rows} x ${set.x.columns}`,
    source: set.source,
    license: set.license,
    bytes: size,
    place: "bundled",
    files: [],
  };
}

/** Every data set that this program knows. */
export async function allSets(): Promise<SetState[]> {
  return Promise.all([...datasetNames.map(bundledState), ...downloadableNames.map(downloadableState)]);
}

/** What a command says of a name that no data set has. */
export function unknownSet(name: string, names: readonly string[]): UsageError {
  const hint = didYouMean(name, names) || ` The data sets are ${names.join(", ")}.`;
  return new UsageError(`there is no data set "${name}".${hint}`);
}
