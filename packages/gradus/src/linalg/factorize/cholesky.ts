import { cholesky as compiledCholesky, residentMatrix } from "@gradus/blas/dense";
import { compiledFrom } from "../compiled.ts";
import { checkSquareDense, type DenseMatrix } from "../matrix.ts";
import { choleskyInPlace } from "./cholesky-in-place.ts";
import { NotPositiveDefiniteError } from "./errors.ts";
import { copyOfSide, type RightSide, solveLower, solveLowerTransposed } from "./triangular.ts";

/** A = L L^T. */
export interface Cholesky {
  /** Lower triangular, of A's order. */
  readonly L: DenseMatrix;
}

/**
 * The Cholesky factorization  A = L L^T  of a symmetric positive definite matrix, whose lower triangle is read.
 *
 * @throws NotPositiveDefiniteError with the number of the first pivot that is not positive
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function cholesky(A: DenseMatrix): Cholesky {
  const n = checkSquareDense("A", A);
  const factor = n >= compiledFrom.cholesky ? compiledFactor(A, n) : smallFactor(A, n);
  return { L: { rows: n, columns: n, values: factor } };
}

function compiledFactor(A: DenseMatrix, n: number): Float64Array {
  const factor = residentMatrix(A);
  try {
    const pivot = compiledCholesky({ a: factor });
    if (pivot < n) throw new NotPositiveDefiniteError(pivot);
    return factor.toTriangle("lower").values;
  } finally {
    factor.dispose();
  }
}

function smallFactor(A: DenseMatrix, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) factor.set(A.values.subarray(i * n, i * n + i + 1), i * n);
  const pivot = choleskyInPlace(factor, n);
  if (pivot < n) throw new NotPositiveDefiniteError(pivot);
  return factor;
}

/**
 * Solves A X = B.
 *
 * @param B one right-hand side of n numbers, or a matrix with one in each column
 * @returns X, new, of B's kind
 * @throws ArgumentError when the sizes do not fit
 */
export function choleskySolve<B extends RightSide>({ L }: Cholesky, B: B): B {
  return solveLowerTransposed(L, solveLower(L, copyOfSide(B)));
}

/** ln det A = 2 sum_i ln L_ii. */
export function choleskyLogDeterminant({ L: { rows: n, values } }: Cholesky): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(values[i * n + i]);
  return 2 * sum;
}
