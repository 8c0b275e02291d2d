import { gemmtr } from "@gradus/blas/dense";
import { compiledFrom } from "./compiled.ts";

/**
 * Adds the inner products of rows to the lower triangle of G: G_ij += <a_i, b_j> for j <= i. Small ones two rows against
 * two at a time.
 *
 * @param G n x n, row-major
 * @param A n x columns, row-major
 * @param B n x columns, row-major
 */
export function addLowerProducts(
  G: Float64Array,
  A: Float64Array,
  B: Float64Array,
  n: number,
  columns: number,
): void {
  if (n * n * columns >= compiledFrom.triangle) {
    const a = { rows: n, columns, values: A };
    const b = A === B ? a : { rows: n, columns, values: B };
    gemmtr({ a, b, transposeB: true, beta: 1, c: { rows: n, columns: n, values: G } });
    return;
  }
  for (let i = 0; i < n; i += 2) {
    const a0 = i * columns;
    const a1 = i + 1 < n ? a0 + columns : a0; // past the end a row stands in for the next, and its sums are dropped
    for (let j = 0; j <= i; j += 2) {
      const b0 = j * columns;
      const b1 = j + 1 < n ? b0 + columns : b0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let k = 0; k < columns; k++) {
        const x0 = A[a0 + k];
        const x1 = A[a1 + k];
        const y0 = B[b0 + k];
        const y1 = B[b1 + k];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      G[i * n + j] += s00;
      if (j + 1 <= i) G[i * n + j + 1] += s01;
      if (i + 1 < n) {
        G[(i + 1) * n + j] += s10;
        if (j + 1 < n) G[(i + 1) * n + j + 1] += s11;
      }
    }
  }
}

/** Entries along a side of the squares in which a triangle is mirrored: their columns stay in cache. */
const SQUARE = 32;

/** Copies the lower triangle over the upper one. */
export function mirrorLower(G: Float64Array, n: number): void {
  for (let row = 0; row < n; row += SQUARE)
    for (let column = 0; column <= row; column += SQUARE)
      for (let i = row; i < Math.min(n, row + SQUARE); i++)
        for (let j = column; j < Math.min(i, column + SQUARE); j++) G[j * n + i] = G[i * n + j];
}
