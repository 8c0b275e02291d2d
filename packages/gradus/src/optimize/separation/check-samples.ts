import { checkLabels } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { type DenseMatrix, isSparse } from "../../linalg/matrix.ts";
import { checkCsr } from "../../linalg/sparse/build.ts";
import type { CsrMatrix } from "../../linalg/sparse/csr.ts";
import { checkedDesignMap, designMap } from "../../objectives/design-map.ts";
import { checkDesignSize, type DesignMatrix } from "../../objectives/design-matrix.ts";
import { denseSamples, type SignedSamples, sparseSamples } from "./signed-samples.ts";

/** The n samples as an array of rows, as all numbers row by row (then d = length / n), or as a dense or sparse matrix. */
export type SampleMatrix = readonly ArrayLike<number>[] | Float64Array | Float32Array | DesignMatrix;

/** Samples and their labels. */
export interface ClassificationProblem {
  /** n x d, n >= 1, d >= 1, every entry finite. */
  readonly A: SampleMatrix;
  /** n labels, each -1 or +1. One class alone is fine. */
  readonly y: ArrayLike<number>;
  /** Appends a constant 1 to every sample; theta's last entry is then the intercept. It changes R and mu. */
  readonly intercept?: boolean;
}

function isArrayOfRows(A: SampleMatrix): A is readonly ArrayLike<number>[] {
  return Array.isArray(A);
}

function designOf(A: SampleMatrix, n: number): DesignMatrix {
  if (A instanceof Float64Array || A instanceof Float32Array) {
    if (n > 0 && A.length % n !== 0)
      throw new DataError(`A must hold d numbers for each of the ${n} labels of y, got ${A.length} numbers`);
    const values = A instanceof Float64Array ? A : Float64Array.from(A);
    return { rows: n, columns: n > 0 ? A.length / n : 0, values };
  }
  if (!isArrayOfRows(A)) {
    if (typeof A !== "object" || A === null || !("rows" in A))
      throw new ArgumentError(`A must be rows of numbers, or a dense or sparse matrix, got ${shown(A)}`);
    // whether its numbers are finite is seen with the rows' keys
    if (!isSparse(A) && A.rows > 0 && A.columns > 0) checkDesignSize(A);
    return A;
  }
  const columns = A.length === 0 ? 0 : A[0].length;
  const values = new Float64Array(A.length * columns);
  A.forEach((row, i) => {
    if (row.length !== columns)
      throw new DataError(`A must be rectangular: row ${i} has ${row.length} entries, row 0 has ${columns}`);
    values.set(row, i * columns);
  });
  return { rows: A.length, columns, values };
}

function appendOnes(A: DesignMatrix): DesignMatrix {
  const { rows, columns } = A;
  if (!isSparse(A)) {
    const values = new Float64Array(rows * (columns + 1)).fill(1);
    for (let i = 0; i < rows; i++)
      values.set(A.values.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
    return { rows, columns: columns + 1, values };
  }
  const rowPointers = A.rowPointers.map((pointer, i) => pointer + i);
  const columnIndices = new Int32Array(A.columnIndices.length + rows).fill(columns);
  const values = new Float64Array(A.values.length + rows).fill(1);
  for (let i = 0; i < rows; i++) {
    const [begin, end] = [A.rowPointers[i], A.rowPointers[i + 1]];
    columnIndices.set(A.columnIndices.subarray(begin, end), rowPointers[i]);
    values.set(A.values.subarray(begin, end), rowPointers[i]);
  }
  return { rows, columns: columns + 1, rowPointers, columnIndices, values };
}

/** A fixed number for each column in [1, 2), without linear relations between neighbors. */
function columnKeys(columns: number): Float64Array {
  const keys = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    let h = Math.imul(j + 1, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    keys[j] = 1 + ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  }
  return keys;
}

/** A key of every row, such that opposite rows have exactly opposite keys. */
interface RowKeys {
  readonly keys: Float64Array;
  /** Whether every row has finite numbers alone, not all 0. */
  readonly regular: boolean;
}

/** Whether a sum of absolute values is neither 0 nor not finite. */
const isRegular = (size: number) => size > 0 && size < Number.POSITIVE_INFINITY;

function sparseRowKeys(
  { rows, rowPointers, columnIndices, values }: CsrMatrix,
  factors: Float64Array,
): RowKeys {
  const keys = new Float64Array(rows);
  let regular = true;
  for (let i = 0; i < rows; i++) {
    const end = rowPointers[i + 1];
    let key = 0;
    let size = 0;
    for (let k = rowPointers[i]; k < end; k++) {
      key += values[k] * factors[columnIndices[k]];
      size += Math.abs(values[k]);
    }
    keys[i] = key;
    regular &&= isRegular(size);
  }
  return { keys, regular };
}

/** In two sums a row, so that no addition waits for another. */
function denseRowKeys({ rows, columns, values }: DenseMatrix, factors: Float64Array): RowKeys {
  const keys = new Float64Array(rows);
  let regular = true;
  const even = columns - (columns % 2);
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    const last = even < columns ? values[start + even] : 0;
    let key0 = even < columns ? last * factors[even] : 0;
    let key1 = 0;
    let size0 = Math.abs(last);
    let size1 = 0;
    for (let j = 0; j < even; j += 2) {
      const first = values[start + j];
      const second = values[start + j + 1];
      key0 += first * factors[j];
      key1 += second * factors[j + 1];
      size0 += Math.abs(first);
      size1 += Math.abs(second);
    }
    keys[i] = key0 + key1;
    regular &&= isRegular(size0 + size1);
  }
  return { keys, regular };
}

/**
 * Pairs of rows with opposite keys: a row, and the first row of the opposite key before it. Rows are looked up in a table of
 * row numbers, counted from 1, that is searched from a place by the key's size on.
 */
function* oppositeKeys(keys: Float64Array): Generator<readonly [before: number, row: number]> {
  const mask = 2 ** Math.ceil(Math.log2(2 * keys.length + 1)) - 1;
  const table = new Int32Array(mask + 1);
  const halves = new Int32Array(keys.buffer);
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row];
    // the sign is the highest bit of the second half
    let h = Math.imul(halves[2 * row] ^ Math.imul(halves[2 * row + 1] << 1, 0x9e3779b1), 0x85ebca6b);
    h = (h ^ (h >>> 15)) & mask;
    let opposite = 0;
    let isThere = false;
    for (let other = table[h]; other > 0; other = table[h]) {
      const found = keys[other - 1];
      if (found === key) isThere = true;
      if (found === -key) opposite = other;
      h = (h + 1) & mask;
    }
    if (!isThere) table[h] = row + 1;
    if (opposite > 0) yield [opposite - 1, row];
  }
}

/** Refuses values that are not finite, zero rows, and pairs of samples that are each other's negative. */
function checkValues(A: DesignMatrix, y: Float64Array): void {
  const { rows, columns, values } = A;
  const sparse = isSparse(A) ? A : undefined;
  const start = (i: number) => (sparse ? sparse.rowPointers[i] : i * columns);
  const column = (i: number, k: number) => (sparse ? sparse.columnIndices[k] : k - i * columns);
  const opposite = (i: number, j: number): boolean => {
    const length = start(i + 1) - start(i);
    if (start(j + 1) - start(j) !== length) return false;
    for (let k = 0, p = start(i), q = start(j); k < length; k++, p++, q++)
      if (y[i] * values[p] !== -y[j] * values[q] || column(i, p) !== column(j, q)) return false;
    return true;
  };
  // Opposite samples have exactly opposite keys, so equal and opposite rows are found without comparing all pairs.
  const factors = columnKeys(columns);
  const { keys, regular } = isSparse(A) ? sparseRowKeys(A, factors) : denseRowKeys(A, factors);
  for (let i = 0; !regular && i < rows; i++) {
    const row = values.subarray(start(i), start(i + 1));
    const k = row.findIndex((value) => !Number.isFinite(value));
    if (k >= 0)
      throw new DataError(`A must be finite, got ${row[k]} at row ${i}, column ${column(i, start(i) + k)}`);
    if (row.every((value) => value === 0)) throw new DataError(`row ${i} is zero and cannot be separated`);
  }
  for (let i = 0; i < rows; i++) keys[i] *= y[i];
  for (const [before, i] of oppositeKeys(keys))
    if (opposite(before, i)) throw new DataError(`contradictory samples ${before} and ${i}`);
}

/**
 * The border of the classification methods: checks the samples and labels once and returns the maps built on them.
 * Samples must not change while they are in use.
 *
 * @throws ArgumentError when a sparse A has a size that is not an integer
 * @throws DataError when n = 0 or d = 0, sizes differ, the arrays of a sparse A are malformed, an entry of A is not finite (row and column named), a label is
 *   not -1 or +1, a sample is zero, or two samples contradict each other (y_i a_i = -y_j a_j)
 */
export function checkSamples({ A, y, intercept = false }: ClassificationProblem): SignedSamples {
  const given = designOf(A, y.length);
  const { rows, columns } = given;
  if (rows === 0) throw new DataError("A must have at least one row, got 0");
  if (columns === 0) throw new DataError("A must have at least one column, got 0");
  if (y.length !== rows)
    throw new DataError(`y must have one label per row: A has ${rows} rows, y has ${y.length} labels`);
  checkLabels("y", y, [-1, 1]);
  const labels = Float64Array.from(y);
  const matrix = intercept ? appendOnes(isSparse(given) ? checkCsr(given) : given) : given;
  // a sparse matrix is checked while it is copied, before its columns are looked up
  const map = isSparse(matrix) ? designMap(matrix) : checkedDesignMap(matrix);
  checkValues(matrix, labels);
  return isSparse(matrix) ? sparseSamples(matrix, labels, map) : denseSamples(matrix, labels, map);
}

/**
 * Checks a vector of weights, with the intercept last where there is one.
 *
 * @throws DataError when its length is not the samples' dimension or an entry is not finite
 */
export function checkTheta(theta: ArrayLike<number>, dimension: number, name: string): Float64Array {
  if (theta.length !== dimension)
    throw new DataError(`${name} must have ${dimension} entries, got ${theta.length}`);
  const copy = Float64Array.from(theta);
  copy.forEach((value, j) => {
    if (!Number.isFinite(value)) throw new DataError(`${name} must be finite, got ${value} at column ${j}`);
  });
  return copy;
}
