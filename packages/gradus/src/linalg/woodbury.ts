import { ArgumentError } from "../check/errors.ts";
import { denseMultiply, denseMultiplyTransposed } from "./dense.ts";
import { SingularMatrixError } from "./factorize/errors.ts";
import { type LowerUpper, luFactorize, luSolve } from "./factorize/lu.ts";
import { checkDense, type DenseMatrix } from "./matrix.ts";

/** Solves a system: x of A x = b, in a new array. */
export type LinearSolve = (b: Float64Array) => Float64Array;

/**
 * Solves with a matrix changed by low rank, from solves with the matrix alone:
 *
 *     (A + U diag(c) V^T)^-1 = A^-1 - A^-1 U (I + diag(c) V^T A^-1 U)^-1 diag(c) V^T A^-1
 *
 * k solves once, then one per right-hand side. For k = 1 this is the formula of Sherman and Morrison. Coefficients may
 * be 0 or negative.
 * Source: Sherman & Morrison 1950; Woodbury 1950; Hager 1989, "Updating the inverse of a matrix", equation 17.
 *
 * @param solve x of A x = b
 * @param U n x k
 * @param coefficients c, k numbers
 * @param V n x k; U by default
 * @returns x of (A + U diag(c) V^T) x = b
 * @throws ArgumentError when the sizes do not fit
 * @throws SingularMatrixError when the changed matrix is singular
 */
export function woodburySolve(
  solve: LinearSolve,
  U: DenseMatrix,
  coefficients: Float64Array,
  V: DenseMatrix = U,
): LinearSolve {
  const k = coefficients.length;
  const n = U.rows;
  checkDense("U", U);
  checkDense("V", V);
  if (U.columns !== k || V.columns !== k || V.rows !== n)
    throw new ArgumentError(
      `U and V must be n x k with k = ${k}, got ${U.rows} x ${U.columns} and ${V.rows} x ${V.columns}`,
    );
  if (k === 0) return solve;
  const solved = new Float64Array(n * k); // A^-1 U
  for (let j = 0; j < k; j++) {
    const column = solve(Float64Array.from({ length: n }, (_, i) => U.values[i * k + j]));
    for (let i = 0; i < n; i++) solved[i * k + j] = column[i];
  }
  const capacitance = new Float64Array(k * k);
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += V.values[i * k + a] * solved[i * k + b];
      capacitance[a * k + b] = coefficients[a] * sum + (a === b ? 1 : 0);
    }
  const factors = factorizeCapacitance(capacitance, k);
  return (b) => {
    const x = solve(b);
    const inner = denseMultiplyTransposed(V.values, n, k, x);
    for (let a = 0; a < k; a++) inner[a] *= coefficients[a];
    const change = denseMultiply(solved, n, k, luSolve(factors, inner));
    for (let i = 0; i < n; i++) x[i] -= change[i];
    return x;
  };
}

/** @throws SingularMatrixError when a pivot is rounding relative to the largest */
function factorizeCapacitance(capacitance: Float64Array, k: number): LowerUpper {
  const singular = "A + U diag(c) V^T is singular to working precision";
  let factors: LowerUpper;
  try {
    factors = luFactorize({ rows: k, columns: k, values: capacitance });
  } catch (cause) {
    if (!(cause instanceof SingularMatrixError)) throw cause;
    throw new SingularMatrixError(singular, { cause });
  }
  const largest = capacitance.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let i = 0; i < k; i++)
    if (Math.abs(factors.U.values[i * k + i]) <= k * Number.EPSILON * largest)
      throw new SingularMatrixError(singular);
  return factors;
}
