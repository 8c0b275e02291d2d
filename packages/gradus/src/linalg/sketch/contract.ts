import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkMatrix, type DenseMatrix, isSparse, type Matrix } from "../matrix.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { written } from "../operator/written.ts";
import { csrToDense } from "../sparse/csr.ts";

/**
 * A random linear map S from n to `size` dimensions with E S^T S = I, so that lengths are kept on average:
 * E ||S x||^2 = ||x||^2. Products are synchronous.
 */
export interface Sketch extends LinearOperator {
  apply(x: Float64Array, out: Float64Array): void;
  applyAdjoint(v: Float64Array, out: Float64Array): void;
}

/**
 * Checks the dimensions of a sketch.
 *
 * @throws ArgumentError unless both are integers >= 1
 */
export function checkSketch(size: number, n: number): void {
  checkPositiveInteger({ size, n });
}

/**
 * The sketch of a matrix's columns, S A: a smaller matrix with nearly the same column space geometry.
 *
 * @param A n x d, dense or sparse
 * @returns size x d
 * @throws ArgumentError when A does not have n rows
 */
export function sketchMatrix(S: Sketch, A: Matrix): DenseMatrix {
  checkMatrix("A", A);
  const { rows: size, columns: n } = S;
  const d = A.columns;
  if (A.rows !== n) throw new ArgumentError(`A must have n = ${n} rows, got ${A.rows}`);
  const entries = isSparse(A) ? csrToDense(A).values : A.values;
  const sketched = new Float64Array(size * d);
  const column = new Float64Array(n);
  const out = new Float64Array(size);
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < n; i++) column[i] = entries[i * d + j];
    written("S.apply", S.apply(column, out), out);
    for (let i = 0; i < size; i++) sketched[i * d + j] = out[i];
  }
  return { rows: size, columns: d, values: sketched };
}
