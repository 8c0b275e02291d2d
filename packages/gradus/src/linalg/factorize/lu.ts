import { lu, residentMatrix } from "@gradus/blas/dense";
import { checkSquareDense, type DenseMatrix, denseMatrix } from "../matrix.ts";
import { SingularMatrixError } from "./errors.ts";
import { copyOfSide, type RightSide, sideOf, solveLower, solveUpper } from "./triangular.ts";

/** P A = L U with row exchanges. */
export interface LowerUpper {
  /** Lower triangular with unit diagonal. */
  readonly L: DenseMatrix;
  /** Upper triangular. */
  readonly U: DenseMatrix;
  /** Row i of P A is row permutation[i] of A. */
  readonly permutation: Int32Array;
}

/**
 * The LU factorization of a square matrix, with partial pivoting.
 *
 * @throws SingularMatrixError when a pivot is exactly 0
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function luFactorize(A: DenseMatrix): LowerUpper {
  const n = checkSquareDense("A", A);
  const factors = residentMatrix(A);
  try {
    const { permutation, singular } = lu({ a: factors });
    if (singular !== undefined)
      throw new SingularMatrixError(`A is singular: pivot ${singular} of ${n} is 0`);
    const L = factors.toTriangle("lower", { unitDiagonal: true });
    return {
      L: denseMatrix(L.values, n, n),
      U: denseMatrix(factors.toTriangle("upper").values, n, n),
      permutation,
    };
  } finally {
    factors.dispose();
  }
}

/**
 * Solves A X = B.
 *
 * @param B one right-hand side of n numbers, or a matrix with one in each column
 * @returns X, new, of B's kind
 * @throws ArgumentError when the sizes do not fit
 */
export function luSolve<B extends RightSide>({ L, U, permutation }: LowerUpper, B: B): B {
  const X = copyOfSide(B);
  const from = sideOf(B, L.rows);
  const to = sideOf(X, L.rows);
  const k = from.columns;
  for (let i = 0; i < L.rows; i++)
    to.values.set(from.values.subarray(permutation[i] * k, (permutation[i] + 1) * k), i * k);
  return solveUpper(U, solveLower(L, X));
}

/** det A: the product of the pivots, with the sign of the permutation. */
export function luDeterminant({ U: { rows: n, values }, permutation }: LowerUpper): number {
  let determinant = 1;
  for (let i = 0; i < n; i++) determinant *= values[i * n + i];
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
