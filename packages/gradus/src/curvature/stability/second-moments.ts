import { addLowerProducts } from "../../linalg/lower-products.ts";
import type { Eigenbasis } from "./eigenbasis.ts";

/**
 * q_i = g_i^T M g_i for all examples, 1 n r^2 flops: M is given by its lower triangle with half its diagonal, the
 * upper triangle 0. Two rows of M against four examples at a time.
 *
 * @param A n x r, the gradients' coordinates
 */
function quadraticForms(A: Float64Array, n: number, r: number, half: Float64Array, q: Float64Array): void {
  q.fill(0);
  for (let k = 0; k < r; k += 2) {
    const m0 = k * r;
    const m1 = k + 1 < r ? m0 + r : m0;
    const second = k + 1 < r ? 1 : 0;
    const length = k + 1 + second;
    for (let i = 0; i < n; i += 4) {
      const a0 = i * r;
      const a1 = i + 1 < n ? a0 + r : a0;
      const a2 = i + 2 < n ? a0 + 2 * r : a0;
      const a3 = i + 3 < n ? a0 + 3 * r : a0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      let s20 = 0;
      let s21 = 0;
      let s30 = 0;
      let s31 = 0;
      for (let l = 0; l < length; l++) {
        const y0 = half[m0 + l];
        const y1 = half[m1 + l];
        const x0 = A[a0 + l];
        const x1 = A[a1 + l];
        const x2 = A[a2 + l];
        const x3 = A[a3 + l];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s20 += x2 * y0;
        s21 += x2 * y1;
        s30 += x3 * y0;
        s31 += x3 * y1;
      }
      q[i] += 2 * (s00 * A[a0 + k] + second * s01 * A[a0 + k + second]);
      if (i + 1 < n) q[i + 1] += 2 * (s10 * A[a1 + k] + second * s11 * A[a1 + k + second]);
      if (i + 2 < n) q[i + 2] += 2 * (s20 * A[a2 + k] + second * s21 * A[a2 + k + second]);
      if (i + 3 < n) q[i + 3] += 2 * (s30 * A[a3 + k] + second * s31 * A[a3 + k + second]);
    }
  }
}

/** The noise of SGD as a map of second-moment matrices in the eigenbasis, both given by lower triangles. */
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

/** @param p the share of single-example noise */
export function momentMap({ n, rank: r, eigenvalues, coordinates }: Eigenbasis, p: number): MomentMap {
  const transposed = new Float64Array(r * n);
  for (let i = 0; i < n; i++) for (let k = 0; k < r; k++) transposed[k * n + i] = coordinates[i * r + k];
  const weighted = new Float64Array(r * n);
  const forms = new Float64Array(n);

  return {
    forms,
    apply(half, N) {
      quadraticForms(coordinates, n, r, half, forms);
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
