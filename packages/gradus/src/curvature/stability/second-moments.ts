import { gemm } from "@gradus/blas/dense";
import { compiledFrom } from "../../linalg/compiled.ts";
import { addLowerProducts } from "../../linalg/lower-products.ts";
import type { Eigenbasis } from "./eigenbasis.ts";

/** Columns of M per product; it limits how many of the zeros above the diagonal are multiplied. */
const STRIP = 64;

/**
 * q_i = g_i^T M g_i = 2 sum_k A_ik (A H)_ik  for all examples, n r^2 flops, where H is M's lower triangle with its
 * diagonal halved. Large products are computed by compiled code, one strip of H's columns at a time.
 *
 * @param A n x r, the gradients' coordinates
 * @param product workspace of n x min(r, STRIP) numbers
 */
function quadraticForms(
  { n, rank: r, coordinates: A }: Eigenbasis,
  half: Float64Array,
  q: Float64Array,
  product: Float64Array,
): void {
  q.fill(0);
  if (n * r * r < compiledFrom.product) {
    for (let i = 0; i < n; i++)
      for (let k = 0; k < r; k++) {
        let sum = 0;
        for (let l = 0; l <= k; l++) sum += half[k * r + l] * A[i * r + l];
        q[i] += 2 * A[i * r + k] * sum;
      }
    return;
  }
  for (let first = 0; first < r; first += STRIP) {
    const [rows, columns] = [r - first, Math.min(STRIP, r - first)];
    gemm({
      a: { rows: n, columns: rows, values: A.subarray(first), leadingDimension: r },
      b: { rows, columns, values: half.subarray(first * (r + 1)), leadingDimension: r },
      c: { rows: n, columns, values: product.subarray(0, n * columns) },
    });
    for (let i = 0, at = 0; i < n; i++) {
      let sum = 0;
      for (let k = i * r + first; k < i * r + first + columns; k++, at++) sum += A[k] * product[at];
      q[i] += 2 * sum;
    }
  }
}

/** The noise of SGD as a linear map of second-moment matrices in the eigenbasis, given by their lower triangles. */
export interface MomentMap {
  /**
   * N <- p K(M) + (1 - p) G M G,  K(M) = (1/n) sum_i (g_i^T M g_i) g_i g_i^T; 2 n r^2 flops.
   *
   * @param half r x r: M's lower triangle, its diagonal halved, zeros above
   * @param N r x r, its lower triangle is overwritten
   */
  apply(half: Float64Array, N: Float64Array): void;
  /** q_i = g_i^T M g_i of the last `apply`. */
  readonly forms: Float64Array;
}

/**
 * The noise map of SGD in an eigenbasis.
 *
 * @param p the share of single-example noise
 */
export function momentMap(basis: Eigenbasis, p: number): MomentMap {
  const { n, rank: r, eigenvalues, coordinates } = basis;
  const transposed = new Float64Array(r * n);
  for (let i = 0; i < n; i++) for (let k = 0; k < r; k++) transposed[k * n + i] = coordinates[i * r + k];
  const weighted = new Float64Array(r * n);
  const forms = new Float64Array(n);
  const product = new Float64Array(n * Math.min(r, STRIP));

  return {
    forms,
    apply(half, N) {
      quadraticForms(basis, half, forms, product);
      for (let k = 0; k < r; k++)
        for (let i = 0; i < n; i++) weighted[k * n + i] = ((p * forms[i]) / n) * transposed[k * n + i];
      for (let k = 0; k < r; k++) {
        for (let l = 0; l < k; l++)
          N[k * r + l] = (1 - p) * eigenvalues[k] * eigenvalues[l] * half[k * r + l];
        N[k * r + k] = 2 * (1 - p) * eigenvalues[k] ** 2 * half[k * r + k];
      }
      addLowerProducts(N, weighted, transposed, r, n);
    },
  };
}
