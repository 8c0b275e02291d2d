import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMultiply, denseMultiplyTransposed } from "../linalg/dense.ts";
import { type DenseMatrix, isSparse } from "../linalg/matrix.ts";
import { checkCsr } from "../linalg/sparse/build.ts";
import { type CsrMatrix, csrMultiply, csrMultiplyTransposed, csrToDense } from "../linalg/sparse/csr.ts";
import { csrWeightedGram, denseWeightedGram } from "./weighted-gram.ts";

/** The matrix of a linear model, one example a row: dense or by compressed rows. It is read in place. */
export type DesignMatrix = DenseMatrix | CsrMatrix;

/** A design matrix as what objectives do with it. */
export interface DesignMap {
  readonly rows: number;
  readonly columns: number;
  /** out = A x. */
  product(x: Float64Array, out: Float64Array): void;
  /** out = A^T v. */
  adjoint(v: Float64Array, out: Float64Array): void;
  /** A^T diag(weights) A, columns x columns, row-major. */
  gram(weights: Float64Array): Float64Array<ArrayBuffer>;
  /** sum_i weights_i a_ij^2 for every column j. */
  gramDiagonal(weights: Float64Array): Float64Array;
  /** Entries, row-major: a copy. */
  entries(): Float64Array;
}

function denseMap({ rows, columns, values }: DenseMatrix): DesignMap {
  return {
    rows,
    columns,
    product(x, out) {
      denseMultiply(values, rows, columns, x, out);
    },
    adjoint(v, out) {
      denseMultiplyTransposed(values, rows, columns, v, out);
    },
    gram: (weights) => denseWeightedGram(values, rows, columns, weights),
    gramDiagonal(weights) {
      const diagonal = new Float64Array(columns);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) diagonal[j] += weights[i] * values[i * columns + j] ** 2;
      return diagonal;
    },
    entries: () => values.slice(),
  };
}

function sparseMap(A: CsrMatrix): DesignMap {
  const { rows, columns, rowPointers, columnIndices, values } = A;
  return {
    rows,
    columns,
    product(x, out) {
      csrMultiply(A, x, out);
    },
    adjoint(v, out) {
      csrMultiplyTransposed(A, v, out);
    },
    gram: (weights) => csrWeightedGram(A, weights),
    gramDiagonal(weights) {
      const diagonal = new Float64Array(columns);
      for (let i = 0; i < rows; i++)
        for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++)
          diagonal[columnIndices[k]] += weights[i] * values[k] ** 2;
      return diagonal;
    },
    entries: () => csrToDense(A).values,
  };
}

/** The maps of a matrix that is known to be well formed; its entries may overflow. */
export function uncheckedDesignMap(A: DesignMatrix): DesignMap {
  return isSparse(A) ? sparseMap(A) : denseMap(A);
}

/**
 * Checks a design matrix once and returns its maps.
 *
 * @throws ArgumentError when it has no row or no column, or the sizes do not fit
 * @throws DataError naming row and column of an entry that is not finite, or what is wrong with compressed rows
 */
export function designMap(A: DesignMatrix, name = "A"): DesignMap {
  const { rows, columns, values } = A;
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1)
    throw new ArgumentError(`${name} must have at least one row and one column, got ${rows} x ${columns}`);
  if (isSparse(A)) return sparseMap(checkCsr(A));
  if (values.length !== rows * columns)
    throw new ArgumentError(`${name} must have ${rows} x ${columns} numbers, got ${values.length}`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(
      `${name} must be finite, got ${values[wrong]} in row ${Math.floor(wrong / columns)}, column ${wrong % columns}`,
    );
  return denseMap(A);
}

/**
 * Copies one finite number a row.
 *
 * @throws ArgumentError when their count is not `rows`
 * @throws DataError naming the row of a number that is not finite
 */
export function rowNumbers(given: ArrayLike<number>, rows: number, name: string): Float64Array {
  if (given.length !== rows)
    throw new ArgumentError(`${name} must have one number a row, ${rows}, got ${given.length}`);
  const numbers = Float64Array.from(given);
  for (let i = 0; i < rows; i++)
    if (!Number.isFinite(numbers[i]))
      throw new DataError(`${name} must be finite, got ${numbers[i]} in row ${i}`);
  return numbers;
}
