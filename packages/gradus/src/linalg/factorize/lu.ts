import {
  luSolve as compiledSolve,
  lu,
  type ResidentMatrix,
  residentMatrix,
  trsm,
  trsv,
} from "@gradus/blas/dense";
import { areFinite, checkFiniteMatrix } from "../../check/arrays.ts";
import { compiledFrom } from "../compiled.ts";
import { checkSquareShape, type DenseMatrix } from "../matrix.ts";
import { SingularMatrixError } from "./errors.ts";
import { keptMatrix, residentToFactorize, withKeptFactors } from "./kept-factors.ts";
import {
  copyOfSide,
  diagonalOf,
  orderOf,
  type RightSide,
  sideOf,
  solveLower,
  solveUpper,
} from "./triangular.ts";

/** P A = L U with row exchanges. Large factors are copied out of WebAssembly memory when one is first read. */
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
  const n = checkSquareShape("A", A);
  const large = n >= compiledFrom.residentFactors;
  const matrix = large ? residentToFactorize(A) : residentMatrix(A);
  const { permutation, singular } = lu({ a: matrix });
  // A number that is not finite reaches a pivot; so may what overflows.
  const finite = areFinite(matrix.diagonal()) || areFinite(A.values);
  if (singular !== undefined || !finite) {
    matrix.dispose();
    checkFiniteMatrix("A", A.values, n);
    throw new SingularMatrixError(`A is singular: pivot ${singular} of ${n} is 0`);
  }
  const view = (read: () => Triangles): LowerUpper => ({
    get L() {
      return read().L;
    },
    get U() {
      return read().U;
    },
    permutation,
  });
  if (large) return withKeptFactors(matrix, trianglesOf, view);
  const triangles = trianglesOf(matrix);
  matrix.dispose();
  return { ...triangles, permutation };
}

type Triangles = Pick<LowerUpper, "L" | "U">;

function trianglesOf(factors: ResidentMatrix): Triangles {
  const L = factors.toTriangle("lower", { unitDiagonal: true });
  const U = factors.toTriangle("upper");
  return {
    L: { rows: L.rows, columns: L.columns, values: L.values },
    U: { rows: U.rows, columns: U.columns, values: U.values },
  };
}

/**
 * Solves A X = B.
 *
 * @param B one right-hand side of n numbers, or a matrix with one in each column
 * @returns X, new, of B's kind
 * @throws ArgumentError when the sizes do not fit
 */
export function luSolve<B extends RightSide>(F: LowerUpper, B: B): B {
  const { permutation } = F;
  const X = copyOfSide(B);
  const kept = keptMatrix(F);
  if (kept) {
    sideOf(X, kept.rows);
    return compiledSolve({ lu: kept, permutation, b: X });
  }
  const { L, U } = F;
  const n = orderOf("L", L);
  const from = sideOf(B, n);
  const to = sideOf(X, n);
  const k = from.columns;
  for (let i = 0; i < n; i++)
    to.values.set(from.values.subarray(permutation[i] * k, (permutation[i] + 1) * k), i * k);
  // By order alone, so that a solution does not depend on whether the factors have been read.
  if (n < compiledFrom.residentFactors) return solveUpper(U, solveLower(L, X));
  orderOf("U", U);
  const steps = [
    { t: L, triangle: "lower" },
    { t: U, triangle: "upper" },
  ] as const;
  for (const step of steps)
    if (X instanceof Float64Array) trsv({ ...step, b: X });
    else trsm({ ...step, b: to });
  return X;
}

/** det A: the product of the pivots, with the sign of the permutation. */
export function luDeterminant(F: LowerUpper): number {
  const { permutation } = F;
  const n = permutation.length;
  let determinant = 1;
  for (const pivot of keptMatrix(F)?.diagonal() ?? diagonalOf(F.U)) determinant *= pivot;
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
