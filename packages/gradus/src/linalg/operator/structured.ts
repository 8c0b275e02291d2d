import { checkAttached } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { denseMultiply, denseMultiplyTransposed } from "../dense.ts";
import { checkDense, type DenseMatrix } from "../matrix.ts";
import type { LinearOperator } from "./contract.ts";

/**
 * diag(entries): multiplies each coordinate; the entries are not copied.
 *
 * @throws ArgumentError when their buffer was transferred
 */
export function diagonalOperator(entries: Float64Array): LinearOperator {
  checkAttached("entries", entries);
  const n = entries.length;
  return {
    rows: n,
    columns: n,
    symmetric: true,
    diagonalEntries: entries,
    apply(x, out) {
      for (let i = 0; i < n; i++) out[i] = entries[i] * x[i];
    },
  };
}

/** The identity of order n. */
export function identityOperator(n: number): LinearOperator {
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      out.set(x);
    },
  };
}

/**
 * U diag(c) V^T, as two thin products; the entries are not copied. V = U by default, which makes it symmetric.
 *
 * @param U rows x k
 * @param coefficients c, k numbers
 * @param V columns x k
 * @throws ArgumentError when U or V does not have k columns
 */
export function lowRankOperator(
  U: DenseMatrix,
  coefficients: Float64Array,
  V: DenseMatrix = U,
): LinearOperator {
  const rank = coefficients.length;
  for (const [name, A] of Object.entries({ U, V })) {
    checkDense(name, A);
    if (A.columns !== rank)
      throw new ArgumentError(`${name} must have k = ${rank} columns, one per coefficient, got ${A.columns}`);
  }
  const inner = new Float64Array(rank);
  const product = (left: DenseMatrix, right: DenseMatrix) => {
    return (x: Float64Array, out: Float64Array): void => {
      denseMultiplyTransposed(right.values, right.rows, rank, x, inner);
      for (let k = 0; k < rank; k++) inner[k] *= coefficients[k];
      denseMultiply(left.values, left.rows, rank, inner, out);
    };
  };
  return {
    rows: U.rows,
    columns: V.rows,
    symmetric: U === V,
    apply: product(U, V),
    applyAdjoint: product(V, U),
  };
}
