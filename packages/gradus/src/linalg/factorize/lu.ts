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
 * Column j of L U while the columns before it are known: replaces a_ij by  a_ij - sum_k<min(i, j) l_ik u_kj  in the matrix
 * and in `column`.
 */
function eliminateColumn(factors: Float64Array, n: number, j: number, column: Float64Array): void {
  for (let i = 0; i < n; i++) column[i] = factors[i * n + j];
  for (let i = 0; i < n; i++) {
    const end = Math.min(i, j);
    let sum = 0;
    for (let k = 0; k < end; k++) sum += factors[i * n + k] * column[k];
    column[i] -= sum;
    factors[i * n + j] = column[i];
  }
}

function exchangeRows(factors: Float64Array, n: number, a: number, b: number): void {
  const row = factors.slice(a * n, (a + 1) * n);
  factors.copyWithin(a * n, b * n, (b + 1) * n);
  factors.set(row, b * n);
}

/**
 * The LU factorization of a square matrix, with partial pivoting, column by column. Written here because no part of
 * ml-matrix can be left out of a bundle: it would nearly double the size of a page that minimizes with `gnsNewton`.
 * Source: Golub & Van Loan 2013, "Matrix computations", section 3.4.
 *
 * @throws SingularMatrixError when a pivot is exactly 0
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function luFactorize(A: DenseMatrix): LowerUpper {
  const n = checkSquareDense("A", A);
  const factors = A.values.slice(); // U on and above the diagonal, L below
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    eliminateColumn(factors, n, j, column);
    let pivot = j;
    for (let i = j + 1; i < n; i++) if (Math.abs(column[i]) > Math.abs(column[pivot])) pivot = i;
    if (!(Math.abs(column[pivot]) > 0))
      throw new SingularMatrixError(`A is singular: pivot ${j} of ${n} is 0`);
    if (pivot !== j) {
      exchangeRows(factors, n, j, pivot);
      [permutation[j], permutation[pivot]] = [permutation[pivot], permutation[j]];
    }
    for (let i = j + 1; i < n; i++) factors[i * n + j] /= factors[j * n + j];
  }
  return { ...splitFactors(factors, n), permutation };
}

function splitFactors(factors: Float64Array, n: number): Pick<LowerUpper, "L" | "U"> {
  const L = new Float64Array(n * n);
  const U = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    L.set(factors.subarray(i * n, i * n + i), i * n);
    L[i * n + i] = 1;
    U.set(factors.subarray(i * n + i, (i + 1) * n), i * n + i);
  }
  return { L: denseMatrix(L, n, n), U: denseMatrix(U, n, n) };
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
