import { lu } from "@gradus/blas/dense";
import { checkSquareDense, type DenseMatrix, denseMatrix } from "../matrix.ts";
import { SingularMatrixError } from "./errors.ts";
import { copyOfSide, type RightSide, sideOf, solveUnitLower, solveUpper } from "./triangular.ts";

/** A determinant that may be beyond the largest double: sign exp(logAbsolute). */
export interface LogDeterminant {
  /** 1 or -1. */
  readonly sign: number;
  /** ln |det A|. */
  readonly logAbsolute: number;
}

/** P A = L U with row exchanges. */
export interface LowerUpper {
  /** Both factors in one matrix, as LAPACK keeps them: U, and below its diagonal L without the ones. */
  readonly packed: DenseMatrix;
  /** Row i of P A is row permutation[i] of A. */
  readonly permutation: Int32Array;
  /** Lower triangular with unit diagonal; a copy that is made when it is first read. */
  readonly L: DenseMatrix;
  /** Upper triangular; a copy that is made when it is first read. */
  readonly U: DenseMatrix;
  /** ln |det A| = sum_i ln |U_ii|, and the sign of det A. */
  readonly logDeterminant: LogDeterminant;
}

/** The entries of a row-major matrix on and below the diagonal, or on and above it. */
function triangleOf({ rows: n, values }: DenseMatrix, triangle: "lower" | "upper"): DenseMatrix {
  const copy = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const [from, to] = triangle === "lower" ? [i * n, i * n + i + 1] : [i * n + i, i * n + n];
    copy.set(values.subarray(from, to), from);
  }
  return denseMatrix(copy, n, n);
}

/** Whether a permutation is an odd number of exchanges. */
function isOdd(permutation: Int32Array): boolean {
  const seen = new Uint8Array(permutation.length);
  let odd = false;
  for (let i = 0; i < permutation.length; i++) {
    if (seen[i]) continue;
    // a cycle of even length is an odd number of exchanges
    let length = 0;
    for (let j = i; !seen[j]; j = permutation[j]) {
      seen[j] = 1;
      length += 1;
    }
    if (length % 2 === 0) odd = !odd;
  }
  return odd;
}

function logDeterminantOf({ rows: n, values }: DenseMatrix, permutation: Int32Array): LogDeterminant {
  let sign = isOdd(permutation) ? -1 : 1;
  let logAbsolute = 0;
  for (let i = 0; i < n; i++) {
    const pivot = values[i * n + i];
    if (pivot < 0) sign = -sign;
    logAbsolute += Math.log(Math.abs(pivot));
  }
  return { sign, logAbsolute };
}

function lowerUpper(packed: DenseMatrix, permutation: Int32Array): LowerUpper {
  let lower: DenseMatrix | undefined;
  let upper: DenseMatrix | undefined;
  return {
    packed,
    permutation,
    get L() {
      if (!lower) {
        lower = triangleOf(packed, "lower");
        for (let i = 0; i < packed.rows; i++) lower.values[i * (packed.rows + 1)] = 1;
      }
      return lower;
    },
    get U() {
      upper ??= triangleOf(packed, "upper");
      return upper;
    },
    get logDeterminant() {
      return logDeterminantOf(packed, permutation);
    },
  };
}

/**
 * The LU factorization of a square matrix, with partial pivoting.
 *
 * @throws SingularMatrixError when a pivot is exactly 0
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function luFactorize(A: DenseMatrix): LowerUpper {
  const n = checkSquareDense("A", A);
  const packed = denseMatrix(A.values.slice(), n, n);
  const { permutation, singular } = lu({ a: packed });
  if (singular !== undefined) throw new SingularMatrixError(`A is singular: pivot ${singular} of ${n} is 0`);
  return lowerUpper(packed, permutation);
}

/**
 * Solves A X = B.
 *
 * @param B one right-hand side of n numbers, or a matrix with one in each column
 * @returns X, new, of B's kind
 * @throws ArgumentError when the sizes do not fit
 */
export function luSolve<B extends RightSide>({ packed, permutation }: LowerUpper, B: B): B {
  const from = sideOf(B, packed.rows);
  const X = copyOfSide(B);
  const to = sideOf(X, packed.rows);
  const k = from.columns;
  for (let i = 0; i < packed.rows; i++)
    for (let j = 0; j < k; j++) to.values[i * k + j] = from.values[permutation[i] * k + j];
  return solveUpper(packed, solveUnitLower(packed, X));
}

/**
 * det A: the product of the pivots, with the sign of the permutation; 0 or infinite where that is no double, which the
 * factorization's `logDeterminant` is not.
 */
export function luDeterminant({ packed: { rows: n, values }, permutation }: LowerUpper): number {
  let determinant = isOdd(permutation) ? -1 : 1;
  for (let i = 0; i < n; i++) determinant *= values[i * n + i];
  return determinant;
}
