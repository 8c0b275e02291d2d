import { ArgumentError } from "../../check/errors.ts";
import type { LinearOperator } from "../operator/contract.ts";

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
  if (!Number.isInteger(size) || size < 1)
    throw new ArgumentError(`size must be an integer >= 1, got ${size}`);
  if (!Number.isInteger(n) || n < 1) throw new ArgumentError(`n must be an integer >= 1, got ${n}`);
}

/**
 * The sketch of a matrix's columns, S A: a smaller matrix with nearly the same column space geometry.
 *
 * @param A n x d, row-major
 * @returns size x d, row-major
 * @throws ArgumentError when A does not have n rows
 */
export function sketchMatrix(S: Sketch, A: Float64Array): Float64Array {
  const { rows: size, columns: n } = S;
  const d = A.length / n;
  if (!Number.isInteger(d) || d < 1)
    throw new ArgumentError(`A must have n x d numbers with n = ${n}, got ${A.length}`);
  const sketched = new Float64Array(size * d);
  const column = new Float64Array(n);
  const out = new Float64Array(size);
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < n; i++) column[i] = A[i * d + j];
    S.apply(column, out);
    for (let i = 0; i < size; i++) sketched[i * d + j] = out[i];
  }
  return sketched;
}
