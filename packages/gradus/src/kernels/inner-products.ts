import { DataError } from "../check/errors.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";

/**
 * Squared norms of the rows, summed as `innerProducts` sums: a row against a copy of it gives the same bits.
 *
 * @throws DataError naming the row whose squares leave float64's range
 */
export function squaredNorms(name: string, { values: x, rows: n, columns: d }: DenseMatrix): Float64Array {
  const norms = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = i * d; k < (i + 1) * d; k++) sum += x[k] * x[k];
    if (sum === Number.POSITIVE_INFINITY)
      throw new DataError(
        `${name} must have rows of finite squared norm, got ${sum} in row ${i}: scale the rows down`,
      );
    norms[i] = sum;
  }
  return norms;
}

/** Inner products of two rows of x with four rows of y, into out[a ..] and out[b ..]; each is summed from left to right. */
function tile(
  x: Float64Array,
  x0: number,
  x1: number,
  y: Float64Array,
  y0: number,
  d: number,
  out: Float64Array,
  a: number,
  b: number,
): void {
  const y1 = y0 + d;
  const y2 = y1 + d;
  const y3 = y2 + d;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let k = 0; k < d; k++) {
    const u = x[x0 + k];
    const v = x[x1 + k];
    const p = y[y0 + k];
    const q = y[y1 + k];
    const r = y[y2 + k];
    const s = y[y3 + k];
    s00 += u * p;
    s01 += u * q;
    s02 += u * r;
    s03 += u * s;
    s10 += v * p;
    s11 += v * q;
    s12 += v * r;
    s13 += v * s;
  }
  out[a] = s00;
  out[a + 1] = s01;
  out[a + 2] = s02;
  out[a + 3] = s03;
  out[b] = s10;
  out[b + 1] = s11;
  out[b + 2] = s12;
  out[b + 3] = s13;
}

/**
 * Inner products of rows first .. first + widths.length - 1 of X, each with as many first rows of Y as its width says,
 * one after another. Widths do not fall. Four rows of Y stay in the cache while all rows of X pass by.
 */
export function innerProducts(
  { values: x, columns: d }: DenseMatrix,
  first: number,
  widths: readonly number[],
  { values: y }: DenseMatrix,
  out: Float64Array,
): void {
  const starts = new Int32Array(widths.length);
  for (let i = 1; i < widths.length; i++) starts[i] = starts[i - 1] + widths[i - 1];
  const tiled = new Int32Array(widths.length);
  const widest = widths[widths.length - 1];
  for (let j = 0; j + 4 <= widest; j += 4)
    for (let i = widths.length - 1; i >= 1 && widths[i - 1] >= j + 4; i -= 2) {
      const row = (first + i) * d;
      tile(x, row - d, row, y, j * d, d, out, starts[i - 1] + j, starts[i] + j);
      tiled[i] = j + 4;
      tiled[i - 1] = j + 4;
    }
  for (let i = 0; i < widths.length; i++)
    for (let j = tiled[i]; j < widths[i]; j++) {
      const row = (first + i) * d;
      let sum = 0;
      for (let k = 0; k < d; k++) sum += x[row + k] * y[j * d + k];
      out[starts[i] + j] = sum;
    }
}
