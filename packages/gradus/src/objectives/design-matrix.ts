import { areFinite, checkFiniteMatrix } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkMatrix, type DenseMatrix, isSparse } from "../linalg/matrix.ts";
import { checkCsr } from "../linalg/sparse/build.ts";
import type { CsrMatrix } from "../linalg/sparse/csr.ts";

/** The matrix of a linear model, one example per row: dense or by compressed rows. It must not change while in use. */
export type DesignMatrix = DenseMatrix | CsrMatrix;

/**
 * Checks the size of a design matrix, and of a dense one that its numbers are as many.
 *
 * @throws ArgumentError when it is no matrix, has no row or no column, or the sizes do not fit
 */
export function checkDesignSize(A: DesignMatrix, name = "A"): void {
  checkMatrix(name, A);
  const { rows, columns } = A;
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1)
    throw new ArgumentError(`${name} must have at least one row and one column, got ${rows} x ${columns}`);
}

/**
 * Checks a design matrix.
 *
 * @throws ArgumentError when it is no matrix, has no row or no column, or the sizes do not fit
 * @throws DataError naming row and column of an entry that is not finite, or what is wrong with compressed rows
 */
export function checkDesign(A: DesignMatrix, name = "A"): void {
  checkDesignSize(A, name);
  if (isSparse(A)) checkCsr(A);
  else checkFiniteMatrix(name, A.values, A.columns);
}

/**
 * Copies one finite number per row.
 *
 * @throws ArgumentError when their count is not `rows`
 * @throws DataError naming the row of a number that is not finite
 */
export function rowNumbers(given: ArrayLike<number>, rows: number, name: string): Float64Array<ArrayBuffer> {
  if (given.length !== rows)
    throw new ArgumentError(`${name} must have one number per row, ${rows}, got ${given.length}`);
  const numbers = given instanceof Float64Array ? given.slice() : Float64Array.from(given);
  if (areFinite(numbers)) return numbers;
  for (let i = 0; i < rows; i++)
    if (!Number.isFinite(numbers[i]))
      throw new DataError(`${name} must be finite, got ${shown(given[i])} in row ${i}`);
  return numbers;
}
