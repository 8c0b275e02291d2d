import { checkLabels } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { isSparse } from "../../linalg/matrix.ts";
import { checkCsr } from "../../linalg/sparse/build.ts";
import { checkedDesignMap, designMap } from "../../objectives/design-map.ts";
import { checkDesignSize, type DesignMatrix } from "../../objectives/design-matrix.ts";
import { oppositeSamples, rowKeys } from "./opposite-samples.ts";
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

/** Refuses values that are not finite, zero rows, and pairs of samples that are each other's negative. */
function checkValues(A: DesignMatrix, y: Float64Array): void {
  const { rows, columns, values } = A;
  const sparse = isSparse(A) ? A : undefined;
  const start = (i: number) => (sparse ? sparse.rowPointers[i] : i * columns);
  const keys = rowKeys(A);
  for (let i = 0; !keys.regular && i < rows; i++) {
    const row = values.subarray(start(i), start(i + 1));
    const k = row.findIndex((value) => !Number.isFinite(value));
    if (k >= 0) {
      const column = sparse ? sparse.columnIndices[start(i) + k] : k;
      throw new DataError(`A must be finite, got ${row[k]} at row ${i}, column ${column}`);
    }
    if (row.every((value) => value === 0)) throw new DataError(`row ${i} is zero and cannot be separated`);
  }
  const pair = oppositeSamples(A, y, keys);
  if (pair) throw new DataError(`contradictory samples ${pair[0]} and ${pair[1]}`);
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
export function checkTheta(
  theta: ArrayLike<number>,
  dimension: number,
  name: string,
): Float64Array<ArrayBuffer> {
  if (theta.length !== dimension)
    throw new DataError(`${name} must have ${dimension} entries, got ${theta.length}`);
  const copy = Float64Array.from(theta);
  copy.forEach((value, j) => {
    if (!Number.isFinite(value)) throw new DataError(`${name} must be finite, got ${value} at column ${j}`);
  });
  return copy;
}
