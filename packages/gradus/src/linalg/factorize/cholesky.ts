import {
  cholesky as compiledCholesky,
  choleskySolve as compiledSolve,
  type ResidentMatrix,
  residentMatrix,
} from "@gradus/blas/dense";
import { DataError } from "../../check/errors.ts";
import { compiledFrom } from "../compiled.ts";
import { checkNonemptyDense, type DenseMatrix } from "../matrix.ts";
import { checkSquare } from "../square.ts";
import { choleskyInPlace } from "./cholesky-in-place.ts";
import { NotPositiveDefiniteError } from "./errors.ts";
import { copyOfSide, type RightSide, sideOf, solveLower, solveLowerTransposed } from "./triangular.ts";

/** A = L L^T. */
export interface Cholesky {
  /** Lower triangular, of A's order. */
  readonly L: DenseMatrix;
}

/**
 * The Cholesky factorization  A = L L^T  of a symmetric positive definite matrix, whose lower triangle is read.
 *
 * @throws NotPositiveDefiniteError with the number of the first pivot that is not positive
 * @throws ArgumentError, DataError when A is not square or a number of its lower triangle is not finite
 */
export function cholesky(A: DenseMatrix): Cholesky {
  const n = orderOf(A);
  const values =
    n >= compiledFrom.cholesky
      ? withCompiledFactor(A, (factor) => factor.toTriangle("lower").values)
      : smallFactor(A);
  return { L: { rows: n, columns: n, values } };
}

/** @throws ArgumentError */
function orderOf(A: DenseMatrix): number {
  checkNonemptyDense("A", A);
  return checkSquare(A);
}

/**
 * Factorizes a copy in WebAssembly memory, whose lower triangle is L while `use` runs.
 *
 * @throws NotPositiveDefiniteError, DataError
 */
function withCompiledFactor<T>(A: DenseMatrix, use: (factor: ResidentMatrix) => T): T {
  const factor = residentMatrix(A);
  try {
    checkPivot(A, compiledCholesky({ a: factor }));
    return use(factor);
  } finally {
    factor.dispose();
  }
}

function smallFactor(A: DenseMatrix): Float64Array<ArrayBuffer> {
  const { rows: n, values } = A;
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let k = i * n; k <= i * n + i; k++) factor[k] = values[k];
  checkPivot(A, choleskyInPlace(factor, n));
  return factor;
}

/** Every number that is not finite makes the pivot of its row fail, so that A is looked at only then. */
function checkPivot(A: DenseMatrix, pivot: number): void {
  if (pivot >= A.rows) return;
  checkLowerFinite(A);
  throw new NotPositiveDefiniteError(pivot);
}

/** @throws DataError naming row and column of the first number on or below the diagonal that is not finite */
function checkLowerFinite({ rows: n, values }: DenseMatrix): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++)
      if (!Number.isFinite(values[i * n + j]))
        throw new DataError(`A must be finite, got ${values[i * n + j]} in row ${i}, column ${j}`);
}

/**
 * Solves A X = B.
 *
 * @param B one right-hand side of n numbers, or a matrix with one in each column
 * @returns X, new, of B's kind
 * @throws ArgumentError when the sizes do not fit
 */
export function choleskySolve<B extends RightSide>({ L }: Cholesky, B: B): B {
  sideOf(B, L.rows);
  return solveLowerTransposed(L, solveLower(L, copyOfSide(B)));
}

/**
 * Solves A X = B for a symmetric positive definite matrix, whose lower triangle is read: `choleskySolve(cholesky(A), B)`
 * without the factor, for systems that are solved once. DPOSV of LAPACK.
 *
 * @param B one right-hand side of n numbers, or a matrix with one in each column
 * @returns X, new, of B's kind
 * @throws NotPositiveDefiniteError with the number of the first pivot that is not positive
 * @throws ArgumentError, DataError when A is not square, a number of its lower triangle is not finite, or the sizes do not fit
 */
export function solvePositiveDefinite<B extends RightSide>(A: DenseMatrix, B: B): B {
  const n = orderOf(A);
  sideOf(B, n);
  if (n < compiledFrom.cholesky) return choleskySolve(cholesky(A), B);
  return withCompiledFactor(A, (l) => compiledSolve({ l, b: copyOfSide(B) }));
}

/** ln det A = 2 sum_i ln L_ii. */
export function choleskyLogDeterminant({ L: { rows: n, values } }: Cholesky): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(values[i * n + i]);
  return 2 * sum;
}
