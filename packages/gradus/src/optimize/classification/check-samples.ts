import { DataError } from "../../errors.ts";
import {
  type DenseRows,
  denseSamples,
  type SignedSamples,
  type SparseRows,
  sparseSamples,
} from "./signed-samples.ts";

/** The n samples, one a row: an array of rows, or all numbers row by row (then d = length / n), or sparse. */
export type SampleMatrix = readonly ArrayLike<number>[] | Float64Array | SparseRows;

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

function rowsOf(A: SampleMatrix, n: number): DenseRows | SparseRows {
  if (A instanceof Float64Array) {
    if (n > 0 && A.length % n !== 0)
      throw new DataError(`A must hold d numbers for each of the ${n} labels of y, got ${A.length} numbers`);
    return { n, d: n > 0 ? A.length / n : 0, values: A };
  }
  if (!isArrayOfRows(A)) return A;
  const d = A.length === 0 ? 0 : A[0].length;
  const values = new Float64Array(A.length * d);
  A.forEach((row, i) => {
    if (row.length !== d)
      throw new DataError(`A must be rectangular: row ${i} has ${row.length} entries, row 0 has ${d}`);
    values.set(row, i * d);
  });
  return { n: A.length, d, values };
}

function appendOnes(A: DenseRows | SparseRows): DenseRows | SparseRows {
  const { n, d } = A;
  if (!A.offsets) {
    const values = new Float64Array(n * (d + 1)).fill(1);
    for (let i = 0; i < n; i++) values.set(A.values.subarray(i * d, (i + 1) * d), i * (d + 1));
    return { n, d: d + 1, values };
  }
  const offsets = A.offsets.map((offset, i) => offset + i);
  const indices = new Int32Array(A.indices.length + n).fill(d);
  const values = new Float64Array(A.values.length + n).fill(1);
  for (let i = 0; i < n; i++) {
    indices.set(A.indices.subarray(A.offsets[i], A.offsets[i + 1]), offsets[i]);
    values.set(A.values.subarray(A.offsets[i], A.offsets[i + 1]), offsets[i]);
  }
  return { n, d: d + 1, offsets, indices, values };
}

function checkShape(A: DenseRows | SparseRows): void {
  const { n, d } = A;
  if (!(n >= 1)) throw new DataError(`A must have at least one row, got ${n}`);
  if (!(d >= 1)) throw new DataError(`A must have at least one column, got ${d}`);
  if (!A.offsets) return;
  const { offsets, indices, values } = A;
  if (offsets.length !== n + 1 || offsets[0] !== 0 || offsets[n] !== values.length)
    throw new DataError(
      `offsets of A must be ${n + 1} numbers from 0 to ${values.length}, got ${offsets.length} from ${offsets[0]} to ${offsets.at(-1)}`,
    );
  if (indices.length !== values.length)
    throw new DataError(
      `A must have one column index a value: ${indices.length} indices, ${values.length} values`,
    );
  for (let i = 0; i < n; i++)
    for (let k = offsets[i], previous = -1; k < offsets[i + 1]; previous = indices[k++])
      if (!(indices[k] > previous && indices[k] < d))
        throw new DataError(
          `columns of row ${i} of A must increase and be below ${d}, got ${indices[k]} after ${previous}`,
        );
}

/** A fixed number for column j in [1, 2), without linear relations between neighbors. */
function columnKey(j: number): number {
  let h = Math.imul(j + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return 1 + ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Refuses values that are not finite, zero rows, and pairs of samples that are each other's negative. */
function checkValues(A: DenseRows | SparseRows, y: Float64Array): void {
  const { n, d, values } = A;
  const start = (i: number) => (A.offsets ? A.offsets[i] : i * d);
  const column = (i: number, k: number) => (A.offsets ? A.indices[k] : k - i * d);
  const opposite = (i: number, j: number): boolean => {
    const length = start(i + 1) - start(i);
    if (start(j + 1) - start(j) !== length) return false;
    for (let k = 0, p = start(i), q = start(j); k < length; k++, p++, q++)
      if (y[i] * values[p] !== -y[j] * values[q] || column(i, p) !== column(j, q)) return false;
    return true;
  };
  const keys = Float64Array.from({ length: d }, (_, j) => columnKey(j));
  // Opposite samples have exactly opposite keys, so equal and opposite rows are found without comparing all pairs.
  const rowsByKey = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    let key = 0;
    let size = 0;
    for (let k = start(i); k < start(i + 1); k++) {
      key += values[k] * keys[column(i, k)];
      size += Math.abs(values[k]);
    }
    if (!Number.isFinite(size))
      for (let k = start(i); k < start(i + 1); k++)
        if (!Number.isFinite(values[k]))
          throw new DataError(`A must be finite, got ${values[k]} at row ${i}, column ${column(i, k)}`);
    if (size === 0) throw new DataError(`row ${i} is zero and can never be separated`);
    const other = rowsByKey.get(-y[i] * key);
    if (other !== undefined && opposite(other, i))
      throw new DataError(`contradictory samples ${other} and ${i}`);
    if (!rowsByKey.has(y[i] * key)) rowsByKey.set(y[i] * key, i);
  }
}

/**
 * The border of the classification methods: checks the samples and labels once and returns the maps built on them.
 * A Float64Array is used in place.
 *
 * @throws DataError when n = 0 or d = 0, sizes differ, an entry of A is not finite (row and column named), a label is
 *   not -1 or +1, a sample is zero, or two samples contradict each other (y_i a_i = -y_j a_j)
 */
export function checkSamples({ A, y, intercept = false }: ClassificationProblem): SignedSamples {
  const given = rowsOf(A, y.length);
  checkShape(given);
  if (y.length !== given.n)
    throw new DataError(`y must have one label a row: A has ${given.n} rows, y has ${y.length} labels`);
  const labels = Float64Array.from(y);
  labels.forEach((label, i) => {
    if (label !== 1 && label !== -1)
      throw new DataError(`labels must be -1 or +1; got ${label} at row ${i}; map {0,1} with 2y-1`);
  });
  const matrix = intercept ? appendOnes(given) : given;
  checkValues(matrix, labels);
  return matrix.offsets ? sparseSamples(matrix, labels) : denseSamples(matrix, labels);
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
