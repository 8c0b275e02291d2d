import type { Rows } from "./rows.ts";

/** Squared norms of the rows, summed as `inner` sums: a row against a copy of it gives the same bits. */
export function squaredNorms({ x, n, d }: Rows): Float64Array {
  const norms = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = i * d; k < (i + 1) * d; k++) sum += x[k] * x[k];
    norms[i] = sum;
  }
  return norms;
}

/**
 * Inner products of row i of X with the first rows of Y, as many as `out` has numbers: eight of them share each read
 * of X's row, and each is summed from left to right.
 */
export function inner({ x, d }: Rows, i: number, { x: y }: Rows, out: Float64Array): void {
  const m = out.length;
  const row = i * d;
  let j = 0;
  for (; j + 8 <= m; j += 8) {
    const y0 = j * d;
    const y1 = y0 + d;
    const y2 = y1 + d;
    const y3 = y2 + d;
    const y4 = y3 + d;
    const y5 = y4 + d;
    const y6 = y5 + d;
    const y7 = y6 + d;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let k = 0; k < d; k++) {
      const value = x[row + k];
      s0 += value * y[y0 + k];
      s1 += value * y[y1 + k];
      s2 += value * y[y2 + k];
      s3 += value * y[y3 + k];
      s4 += value * y[y4 + k];
      s5 += value * y[y5 + k];
      s6 += value * y[y6 + k];
      s7 += value * y[y7 + k];
    }
    out[j] = s0;
    out[j + 1] = s1;
    out[j + 2] = s2;
    out[j + 3] = s3;
    out[j + 4] = s4;
    out[j + 5] = s5;
    out[j + 6] = s6;
    out[j + 7] = s7;
  }
  for (; j < m; j++) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += x[row + k] * y[j * d + k];
    out[j] = sum;
  }
}
