import {
  cholesky as compiledCholesky,
  choleskySolve as compiledSolve,
  type ResidentMatrix,
  residentMatrix,
} from "@gradus/blas/dense";
import { areFinite, checkFiniteMatrix } from "../../check/arrays.ts";
import { compiledFrom } from "../compiled.ts";
import { checkSquareShape, type DenseMatrix } from "../matrix.ts";
import { choleskyInPlace } from "./cholesky-in-place.ts";
import { NotPositiveDefiniteError } from "./errors.ts";
import { keptMatrix, residentToFactorize, withKeptFactors } from "./kept-factors.ts";
import {
  copyOfSide,
  diagonalOf,
  orderOf,
  type RightSide,
  sideOf,
  solveLower,
  solveLowerTransposed,
} from "./triangular.ts";

/** A = L L^T. */
export interface Cholesky {
  /** Lower triangular, of A's order. A large one is copied out of WebAssembly memory when it is first read. */
  readonly L: DenseMatrix;
}

/**
 * The Cholesky factorization  A = L L^T  of a symmetric positive definite matrix, whose lower triangle is read.
 *
 * @throws NotPositiveDefiniteError with the number of the first pivot that is not positive
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function cholesky(A: DenseMatrix): Cholesky {
  const n = checkSquareShape("A", A);
  if (n >= compiledFrom.residentFactors) return keptFactor(A, n);
  checkFiniteMatrix("A", A.values, n);
  const factor = n >= compiledFrom.cholesky ? compiledFactor(A) : smallFactor(A, n);
  return { L: { rows: n, columns: n, values: factor } };
}

/** The factor in the place of a matrix in WebAssembly memory, which is given back when there is none. */
function factorized(factor: ResidentMatrix): ResidentMatrix {
  const pivot = compiledCholesky({ a: factor });
  if (pivot === factor.rows) return factor;
  factor.dispose();
  throw new NotPositiveDefiniteError(pivot);
}

function keptFactor(A: DenseMatrix, n: number): Cholesky {
  // A number in the lower triangle that is not finite reaches a pivot, which is refused: the rest is left to check.
  for (let i = 0; i < n; i++)
    if (!areFinite(A.values.subarray(i * (n + 1) + 1, (i + 1) * n))) checkFiniteMatrix("A", A.values, n);
  let matrix: ResidentMatrix;
  try {
    matrix = factorized(residentToFactorize(A));
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) checkFiniteMatrix("A", A.values, n);
    throw error;
  }
  return withKeptFactors(matrix, lowerOf, (read) => ({
    get L() {
      return read();
    },
  }));
}

function lowerOf(factor: ResidentMatrix): DenseMatrix {
  const { rows, columns, values } = factor.toTriangle("lower");
  return { rows, columns, values };
}

function compiledFactor(A: DenseMatrix): Float64Array {
  using factor = factorized(residentMatrix(A));
  return lowerOf(factor).values;
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
export function choleskySolve<B extends RightSide>(F: Cholesky, B: B): B {
  // By order alone, so that a solution does not depend on whether L has been read.
  const kept = keptMatrix(F);
  const n = kept?.rows ?? orderOf("L", F.L);
  if (n >= compiledFrom.residentFactors) {
    sideOf(B, n);
    return compiledSolve({ l: kept ?? F.L, b: copyOfSide(B) });
  }
  return solveLowerTransposed(F.L, solveLower(F.L, copyOfSide(B)));
}

/** ln det A = 2 sum_i ln L_ii. */
export function choleskyLogDeterminant(F: Cholesky): number {
  let sum = 0;
  for (const pivot of keptMatrix(F)?.diagonal() ?? diagonalOf(F.L)) sum += Math.log(pivot);
  return 2 * sum;
}
