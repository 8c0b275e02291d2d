import { checkFiniteMatrix } from "../../check/arrays.ts";
import { denseMultiply, denseMultiplyTransposed } from "../../linalg/dense.ts";
import { eliminate } from "../../linalg/factorize/eliminate.ts";
import type { InnerProduct } from "../descent/metric.ts";

/**
 * Steps with a matrix of low rank by Woodbury's formula. With W = B^-1 U, C = U^T W and b = B^-1 g computed once,
 *
 *     h(lambda) = -(U diag(c) U^T + lambda B)^-1 g = -(b - W (lambda I + diag(c) C)^-1 diag(c) U^T b) / lambda
 *
 * is O(n k + k^3) for every lambda. Undefined where the matrix is singular.
 * Source: Woodbury 1950; k = 1 is the formula of Sherman and Morrison (1950).
 *
 * @param U n x k, row-major
 * @param c k numbers, of any sign
 */
export function lowRankSolve(
  U: Float64Array,
  c: Float64Array,
  metric: InnerProduct,
  g: Float64Array,
): (lambda: number) => Float64Array | undefined {
  const n = metric.dimension;
  const k = c.length;
  const b = metric.solve(g);
  const W = new Float64Array(n * k);
  const C = new Float64Array(k * k);
  const right = new Float64Array(k);
  if (k > 0) {
    for (let a = 0; a < k; a++) {
      const column = metric.solve(Float64Array.from({ length: n }, (_, i) => U[i * k + a]));
      for (let i = 0; i < n; i++) W[i * k + a] = column[i];
      C.set(denseMultiplyTransposed(U, n, k, column), a * k); // row a holds U^T w_a; C is symmetric
    }
    denseMultiplyTransposed(U, n, k, b, right);
    for (let a = 0; a < k; a++) right[a] *= c[a];
  }

  /** W (lambda I + diag(c) C)^-1 diag(c) U^T b. */
  function correction(lambda: number): Float64Array | undefined {
    if (k === 1) {
      const pivot = lambda + c[0] * C[0];
      return pivot > 0 ? W.map((w) => w * (right[0] / pivot)) : undefined;
    }
    const capacitance = new Float64Array(k * k);
    for (let a = 0; a < k; a++)
      for (let j = 0; j < k; j++) capacitance[a * k + j] = c[a] * C[a * k + j] + (a === j ? lambda : 0);
    checkFiniteMatrix("lambda I + diag(c) U^T B^-1 U", capacitance, k);
    const z = right.slice();
    return eliminate(capacitance, z) ? denseMultiply(W, n, k, z) : undefined;
  }

  return (lambda) => {
    if (k === 0) return b.map((bj) => -bj / lambda);
    const part = correction(lambda);
    return part?.map((pj, j) => (pj - b[j]) / lambda);
  };
}
