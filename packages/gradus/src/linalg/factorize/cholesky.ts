import { choleskyInPlace } from "./cholesky-in-place.ts";
import { checkDense } from "./dense-matrix.ts";
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
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) L.set(A.subarray(i * n, i * n + i + 1), i * n);
  const pivot = choleskyInPlace(L, n);
  if (pivot < n) throw new NotPositiveDefiniteError(pivot);
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
