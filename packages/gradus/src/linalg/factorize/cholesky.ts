import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { checkDense, fromMatrix } from "./dense-matrix.ts";
import { NotPositiveDefiniteError } from "./errors.ts";
import { solveLower, solveLowerTransposed } from "./triangular.ts";

/** A = L L^T. */
export interface Cholesky {
  readonly n: number;
  /** n x n, row-major, lower triangular. */
  readonly L: Float64Array;
}

/**
 * The Cholesky factorization  A = L L^T  of a symmetric positive definite matrix, whose lower triangle is read.
 *
 * @param A n x n, row-major
 * @throws NotPositiveDefiniteError with the number of the first pivot that is not positive
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function cholesky(A: Float64Array, n: number): Cholesky {
  checkDense(A, n, n);
  const matrix = new Matrix(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      matrix.set(i, j, A[i * n + j]);
      matrix.set(j, i, A[i * n + j]);
    }
  const L = fromMatrix(new CholeskyDecomposition(matrix).lowerTriangularMatrix);
  // a failed pivot leaves 0, and the rows after it infinity or NaN
  for (let i = 0; i < n; i++) {
    const pivot = L[i * n + i];
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) throw new NotPositiveDefiniteError(i);
  }
  return { n, L };
}

/**
 * Solves A X = B.
 *
 * @param B n x k, row-major
 * @param out n x k, overwritten; may be B itself
 * @returns out
 * @throws ArgumentError when the sizes do not fit
 */
export function choleskySolve(
  { n, L }: Cholesky,
  B: Float64Array,
  out: Float64Array = new Float64Array(B.length),
): Float64Array {
  out.set(B);
  return solveLowerTransposed(L, n, solveLower(L, n, out));
}

/** ln det A = 2 sum_i ln L_ii. */
export function choleskyLogDeterminant({ n, L }: Cholesky): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(L[i * n + i]);
  return 2 * sum;
}
