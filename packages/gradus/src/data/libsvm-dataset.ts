import { ArgumentError, DataError } from "../check/errors.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { isDatasetName } from "./bundled.ts";
import { readDataFile } from "./data-directory.ts";
import { type CatalogueFile, type CatalogueSet, downloadableSets } from "./download/catalogue.ts";
import type { DownloadableName } from "./download/names.ts";
import { readLibsvm } from "./libsvm.ts";
import type { SparseLabeledRows } from "./libsvm-parser.ts";

/** The downloadable two-class sets in the LIBSVM format. */
export type LibsvmDatasetName = Exclude<DownloadableName, "mnist" | "fashion-mnist">;

/** Sparse rows with labels -1 and +1. */
export interface SparseDataset extends SparseLabeledRows {
  readonly name: string;
  readonly source: string;
  readonly license: string;
}

function fileOf(
  name: LibsvmDatasetName,
  split: "train" | "test",
): { set: CatalogueSet; file: CatalogueFile } {
  const names = Object.entries<CatalogueSet>(downloadableSets).filter(([, { files }]) => files[0].libsvm);
  const set = names.find(([known]) => known === name)?.[1];
  if (set === undefined && isDatasetName(name))
    throw new ArgumentError(`"${name}" is bundled with the library: call loadDataset("${name}")`);
  checkOneOf(
    names.map(([known]) => known),
    { name },
  );
  checkOneOf(["train", "test"], { split });
  const file = set?.files[split === "train" ? 0 : 1];
  if (set === undefined || file === undefined) throw new ArgumentError(`${name} has no ${split} file`);
  return { set, file };
}

/**
 * Loads a two-class set of the LIBSVM page as a sparse matrix, in file order, from `<file>.libsvm.txt` in the data
 * directory (`downloadDataset` fetches it). Of the two labels in the file (-1 and 1, 0 and 1, or 1 and 2), the smaller
 * becomes -1 and the larger +1.
 *
 * @throws ArgumentError when there is no such set or split, or for an unknown option
 * @throws DataMissingError when the file does not exist
 * @throws DataError naming the line and column of malformed input, or when there are not exactly two labels
 * @throws the signal's reason on abort
 */
export async function loadLibsvmDataset(
  name: LibsvmDatasetName,
  options: { split?: "train" | "test"; signal?: AbortSignal } = {},
): Promise<SparseDataset> {
  checkOptions("loadLibsvmDataset", options, ["split", "signal"]);
  const { split = "train", signal } = options;
  const { set, file } = fileOf(name, split);
  const bytes = await readDataFile(file.name, { signal });
  const format = { name: file.name, dimension: file.libsvm?.columns };
  const { y, ...rows } = await readLibsvm(bytes, { ...format, signal });
  const labels = [...new Set(y)].sort((a, b) => a - b);
  if (labels.length !== 2)
    throw new DataError(
      `${file.name} must have two labels, got ${labels.length}: ${labels.slice(0, 5).join(", ")}`,
    );
  const { source, license } = set;
  return {
    name: `${name} ${split}`,
    ...rows,
    y: y.map((label) => (label === labels[0] ? -1 : 1)),
    source,
    license,
  };
}
