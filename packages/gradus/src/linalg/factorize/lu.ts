import { LuDecomposition } from "ml-matrix";
import { ArgumentError } from "../../check/errors.ts";
import { checkDense, fromMatrix, toMatrix } from "./dense-matrix.ts";
import { SingularMatrixError } from "./errors.ts";
import { solveLower, solveUpper } from "./triangular.ts";

/** P A = L U with row exchanges. */
export interface LowerUpper {
  readonly n: number;
  /** n x n, row-major, lower triangular with unit diagonal. */
  readonly L: Float64Array;
  /** n x n, row-major, upper triangular. */
  readonly U: Float64Array;
  /** Row i of P A is row permutation[i] of A. */
  readonly permutation: Int32Array;
}

/**
 * The LU factorization of a square matrix, with partial pivoting.
 *
 * @param A n x n, row-major
 * @throws SingularMatrixError when a pivot is exactly 0
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function luFactorize(A: Float64Array, n: number): LowerUpper {
  checkDense(A, n, n);
  const lu = new LuDecomposition(toMatrix(A, n, n));
  const U = fromMatrix(lu.upperTriangularMatrix);
  for (let i = 0; i < n; i++)
    if (!(Math.abs(U[i * n + i]) > 0))
      throw new SingularMatrixError(`A is singular: pivot ${i} of ${n} is 0`);
  return {
    n,
    L: fromMatrix(lu.lowerTriangularMatrix),
    U,
    permutation: Int32Array.from(lu.pivotPermutationVector),
  };
}

/**
 * Solves A X = B.
 *
 * @param B n x k, row-major
 * @returns X, n x k
 * @throws ArgumentError when the sizes do not fit
 */
export function luSolve({ n, L, U, permutation }: LowerUpper, B: Float64Array): Float64Array {
  const k = B.length / n;
  if (!Number.isInteger(k) || k < 1)
    throw new ArgumentError(`the right-hand side must have n x k numbers with n = ${n}, got ${B.length}`);
  const X = new Float64Array(B.length);
  for (let i = 0; i < n; i++) X.set(B.subarray(permutation[i] * k, (permutation[i] + 1) * k), i * k);
  return solveUpper(U, n, solveLower(L, n, X));
}

/** det A: the product of the pivots, with the sign of the permutation. */
export function luDeterminant({ n, U, permutation }: LowerUpper): number {
  let determinant = 1;
  for (let i = 0; i < n; i++) determinant *= U[i * n + i];
  const seen = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (seen[i]) continue;
    // a cycle of even length is an odd number of exchanges
    let length = 0;
    for (let j = i; !seen[j]; j = permutation[j]) {
      seen[j] = 1;
      length += 1;
    }
    if (length % 2 === 0) determinant = -determinant;
  }
  return determinant;
}
