import { BlasArgumentError, kindOf } from "../errors.ts";
import { CHUNK, copyFinite } from "../finite-copy.ts";
import { checkSizes, checkVector } from "../matrix.ts";
import type { Heap } from "../memory.ts";
import type { Exports } from "../wasm/sparse.ts";

/** A sparse matrix by compressed rows (CSR). */
export interface CompressedRows {
  readonly rows: number;
  readonly columns: number;
  /** Row i owns places rowPointers[i] .. rowPointers[i + 1] - 1; rows + 1 numbers. */
  readonly rowPointers: Int32Array;
  /** Ascending within a row, without repeats. */
  readonly columnIndices: Int32Array;
  readonly values: Float64Array;
}

/** Bytes in whole float64 numbers. */
export const roundUp = (bytes: number) => 8 * Math.ceil(bytes / 8);

/** @throws BlasArgumentError for arrays that do not fit */
export function checkArrays(matrix: CompressedRows): void {
  if (!matrix) throw new BlasArgumentError(`matrix must be a matrix, got ${matrix}`);
  const { rows, rowPointers, columnIndices, values } = matrix;
  checkSizes("matrix.", matrix);
  for (const [name, indices] of Object.entries({ rowPointers, columnIndices }))
    if (!(indices instanceof Int32Array))
      throw new BlasArgumentError(`matrix.${name} must be an Int32Array, got ${kindOf(indices)}`);
  if (rowPointers.length !== rows + 1)
    throw new BlasArgumentError(
      `matrix.rowPointers must have ${rows + 1} numbers, got ${rowPointers.length}`,
    );
  checkVector("matrix.values", values, columnIndices.length);
}

/** Where the arrays of compressed rows or columns are. */
export interface Places {
  readonly values: number;
  readonly indices: number;
  readonly pointers: number;
}

/** Bytes of a matrix with these numbers of entries and rows. */
export const bytesOf = (entries: number, rows: number): number =>
  8 * entries + roundUp(4 * entries) + roundUp(4 * (rows + 1));

/** The places of the arrays from an address on. */
export function placesFrom(address: number, entries: number): Places {
  const indices = address + 8 * entries;
  return { values: address, indices, pointers: indices + roundUp(4 * entries) };
}

/** The compiled checks of a copy. */
export type CopyChecks = Pick<Exports, "pointersFit" | "rowsFit" | "allFinite">;

/** Copies the indices; whether they fit. */
function writeIndices(
  { memory }: Heap,
  places: Places,
  { rows, columns, rowPointers, columnIndices }: CompressedRows,
  { pointersFit, rowsFit }: CopyChecks,
): boolean {
  const { pointers, indices } = places;
  const entries = columnIndices.length;
  new Int32Array(memory.buffer, pointers, rows + 1).set(rowPointers);
  if (!pointersFit(rows, entries, pointers)) return false;
  const copy = new Int32Array(memory.buffer, indices, entries);
  const atOnce = Math.ceil((CHUNK * rows) / (entries + 1));
  for (let i = 0; i < rows; i += atOnce) {
    const count = Math.min(atOnce, rows - i);
    const begin = rowPointers[i];
    copy.set(columnIndices.subarray(begin, rowPointers[i + count]), begin);
    if (!rowsFit(count, columns, pointers + 4 * i, indices)) return false;
  }
  return true;
}

/**
 * Copies a matrix to an address.
 *
 * @param compiled the family with the checks of its indices and values
 * @returns where its arrays are, and whether its values are finite
 * @throws BlasArgumentError for indices that do not fit
 */
export function writeCompressedRows(
  heap: Heap,
  address: number,
  matrix: CompressedRows,
  compiled: CopyChecks,
): Places & { readonly isFinite: boolean } {
  const { columns, values } = matrix;
  const places = placesFrom(address, values.length);
  if (!writeIndices(heap, places, matrix, compiled))
    throw new BlasArgumentError(
      `matrix must have nondecreasing row pointers from 0 to ${values.length} and, ascending within a row, column indices from 0 to ${columns - 1}`,
    );
  return { ...places, isFinite: copyFinite(heap.numbers, address / 8, values, compiled) };
}
