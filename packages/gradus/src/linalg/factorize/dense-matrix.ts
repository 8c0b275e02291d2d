import { Matrix } from "ml-matrix";
import { ArgumentError, DataError } from "../../check/errors.ts";

/**
 * Checks a row-major matrix before it is factorized.
 *
 * @throws ArgumentError when a size is not an integer >= 1 or the sizes do not fit
 * @throws DataError naming row and column of a number that is not finite
 */
export function checkDense(A: Float64Array, rows: number, columns: number): void {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1)
    throw new ArgumentError(`A must have at least one row and one column, got ${rows} x ${columns}`);
  if (A.length !== rows * columns)
    throw new ArgumentError(`A must have ${rows} x ${columns} numbers, got ${A.length}`);
  for (let k = 0; k < A.length; k++)
    if (!Number.isFinite(A[k]))
      throw new DataError(
        `A must be finite, got ${A[k]} in row ${Math.floor(k / columns)}, column ${k % columns}`,
      );
}

/** Row-major numbers as the library's matrix (copied). */
export function toMatrix(A: Float64Array, rows: number, columns: number): Matrix {
  return new Matrix(Array.from({ length: rows }, (_, i) => A.subarray(i * columns, (i + 1) * columns)));
}

/** The library's matrix as row-major numbers. */
export function fromMatrix(matrix: Matrix): Float64Array {
  const { rows, columns } = matrix;
  const A = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) A[i * columns + j] = matrix.get(i, j);
  return A;
}
