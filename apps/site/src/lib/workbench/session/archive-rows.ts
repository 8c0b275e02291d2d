import { DataError } from "gradus/check";
import { type NpyArray, readNpz } from "gradus/data";
import type { ArchiveArrays } from "../protocol.ts";
import { isLabelName, type LabeledTable, tableFromArrays } from "../rows.ts";

/** The arrays of an archive that a model is to take. */
export interface ArchiveRows {
  /** What the archive is called. */
  readonly name: string;
  /** The name of the array of rows; the first that fits when left out. */
  readonly rows?: string;
  /** That of their labels; the likeliest when left out, none when null. */
  readonly labels?: string | null;
  /** How many numbers a row has. */
  readonly features: number;
}

/** A table with the arrays that it is made of. */
export interface ArchiveTable extends LabeledTable {
  readonly archive: ArchiveArrays;
}

const widthOf = ([, ...row]: readonly number[]) => row.reduce((product, size) => product * size, 1);

/** The array of labels among those with a number for each row: one that is called so, or the only one. */
function likelyLabels(names: readonly string[]): string | undefined {
  return names.find(isLabelName) ?? (names.length === 1 ? names[0] : undefined);
}

/**
 * The rows and labels of an archive of NumPy (`.npz`), whose arrays of text, or of integers that float64 would round, are left aside.
 *
 * @throws DataError when no array has rows of so many numbers, or the file is damaged
 */
export async function tableFromArchive(
  bytes: Uint8Array<ArrayBuffer>,
  { name, rows, labels, features }: ArchiveRows,
): Promise<ArchiveTable> {
  const others: string[] = [];
  const arrays = await readNpz(bytes, {
    name,
    onText: (array, reason) =>
      others.push(`${array} of ${/not exact/.test(reason.message) ? "integers beyond 2^53" : "text"}`),
  });
  const all = Object.entries(arrays);
  const rowArrays = all
    .filter(([, { shape }]) => shape.length > 0 && shape[0] > 0 && widthOf(shape) === features)
    .map(([array]) => array);
  const taken = rowArrays.find((array) => array === rows) ?? rowArrays[0];
  if (taken === undefined) {
    const held = [...all.map(([array, { shape }]) => `${array} [${shape.join(", ")}]`), ...others];
    throw new DataError(
      `${name}: the model takes ${features.toLocaleString("en-US")} numbers a row, but the file has ${held.join(", ") || "none"}`,
    );
  }
  const count = arrays[taken].shape[0];
  const labelArrays = all
    .filter(([array, { shape }]) => array !== taken && shape[0] === count && widthOf(shape) > 0)
    .map(([array]) => array);
  const labeled = labelArrays.find((array) => array === labels) ?? likelyLabels(labelArrays);
  const withLabels = labels === null ? undefined : labeled;
  const named = (array: string): { name: string; array: NpyArray } => ({
    name: `${array} of ${name}`,
    array: arrays[array],
  });
  return {
    ...tableFromArrays(named(taken), withLabels === undefined ? undefined : named(withLabels), features),
    name,
    archive: { rows: taken, rowArrays, labels: withLabels, labelArrays },
  };
}
