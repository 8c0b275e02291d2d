import { checkFiniteMatrix } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegativeInteger } from "../check/numbers.ts";
import type { CsrMatrix } from "./sparse/csr.ts";
import { checkSquare } from "./square.ts";

/** A dense matrix: plain data. */
export interface DenseMatrix {
  /** Compressed rows have it. */
  readonly rowPointers?: undefined;
  readonly rows: number;
  readonly columns: number;
  /** Row-major: entry (i, j) is values[i * columns + j]. */
  readonly values: Float64Array;
}

/** A matrix by its entries, dense or by compressed rows. */
export type Matrix = DenseMatrix | CsrMatrix;

/**
 * The dense matrix of row-major numbers. A Float64Array is not copied.
 *
 * @throws ArgumentError when a size is not a non-negative integer or there are not rows * columns numbers
 */
export function denseMatrix(values: ArrayLike<number>, rows: number, columns: number): DenseMatrix {
  checkNonNegativeInteger({ rows, columns });
  if (values.length !== rows * columns)
    throw new ArgumentError(
      `values must have rows * columns = ${rows} * ${columns} numbers, got ${values.length}`,
    );
  return { rows, columns, values: values instanceof Float64Array ? values : Float64Array.from(values) };
}

/** Whether a matrix is given by compressed rows. */
export function isSparse(A: Matrix): A is CsrMatrix {
  return A.rowPointers !== undefined;
}

const isSize = (size: number) => Number.isSafeInteger(size) && size >= 0;

/**
 * Checks that an argument is a matrix; its numbers are not read.
 *
 * @throws ArgumentError when it is neither a dense nor a sparse matrix, or its arrays do not fit its sizes
 */
export function checkMatrix(name: string, A: Matrix): void {
  if (typeof A !== "object" || A === null || !(A.values instanceof Float64Array)) {
    const got = A?.rows === undefined ? shown(A) : `values: ${shown(A.values)}`;
    throw new ArgumentError(
      `${name} must be a matrix { rows, columns, values } with a Float64Array of values, got ${got}`,
    );
  }
  if (isSparse(A)) return;
  // Names are put together only where they are needed: small systems are checked in less time than that takes.
  if (!isSize(A.rows) || !isSize(A.columns))
    checkNonNegativeInteger({ [`${name}.rows`]: A.rows, [`${name}.columns`]: A.columns });
  if (A.values.length !== A.rows * A.columns)
    throw new ArgumentError(`${name} must have ${A.rows} x ${A.columns} numbers, got ${A.values.length}`);
}

/**
 * Checks that an argument is a dense matrix; its numbers are not read.
 *
 * @throws ArgumentError when it is not, or its numbers do not fit its sizes
 */
export function checkDense(name: string, A: DenseMatrix): void {
  checkMatrix(name, A);
  if (isSparse(A)) throw new ArgumentError(`${name} must be a dense matrix, got a sparse one`);
}

/**
 * Checks that the numbers of a matrix are finite.
 *
 * @throws DataError naming row and column of the first that is not
 */
export function checkFiniteEntries(name: string, A: Matrix): void {
  if (!isSparse(A)) {
    checkFiniteMatrix(name, A.values, A.columns);
    return;
  }
  for (let k = 0; k < A.values.length; k++)
    if (!Number.isFinite(A.values[k])) {
      const row = A.rowPointers.findIndex((pointer) => pointer > k) - 1;
      throw new DataError(
        `${name} must be finite, got ${A.values[k]} in row ${row}, column ${A.columnIndices[k]}`,
      );
    }
}

/**
 * Checks that an argument is a dense matrix with at least one row and one column; its numbers are not read.
 *
 * @throws ArgumentError when it is not a dense matrix or has no entries
 */
export function checkNonemptyDense(name: string, A: DenseMatrix): void {
  checkDense(name, A);
  if (A.rows < 1 || A.columns < 1)
    throw new ArgumentError(
      `${name} must have at least one row and one column, got ${A.rows} x ${A.columns}`,
    );
}

/**
 * Checks that an argument is a dense matrix of finite numbers with at least one row and one column.
 *
 * @throws ArgumentError when it is not a dense matrix or has no entries
 * @throws DataError naming row and column of a number that is not finite
 */
export function checkFiniteDense(name: string, A: DenseMatrix): void {
  checkNonemptyDense(name, A);
  checkFiniteMatrix(name, A.values, A.columns);
}

/**
 * Checks that an argument is a square dense matrix of finite numbers.
 *
 * @returns its order
 * @throws ArgumentError when it is not a dense square matrix or has no entries
 * @throws DataError naming row and column of a number that is not finite
 */
export function checkSquareDense(name: string, A: DenseMatrix): number {
  checkFiniteDense(name, A);
  return checkSquare(A, name);
}
