import { ArgumentError } from "../check/errors.ts";

function checkSizes(A: Float64Array, n: number, d: number, rows: Float64Array, columns: Float64Array): void {
  if (A.length !== n * d) throw new ArgumentError(`A must have n x d = ${n} x ${d} numbers, got ${A.length}`);
  if (rows.length !== n)
    throw new ArgumentError(`the vector of row values must have n = ${n} numbers, got ${rows.length}`);
  if (columns.length !== d)
    throw new ArgumentError(`the vector of column values must have d = ${d} numbers, got ${columns.length}`);
}

/**
 * Matrix-vector product  out = A x  in float64. Four rows share each read of x; every row is summed from left to
 * right, so a row's result does not depend on where in A it stands.
 *
 * @param A n x d, row-major
 * @param x d numbers
 * @param out n numbers, overwritten; not x itself
 * @returns out
 * @throws ArgumentError when the sizes do not fit
 */
export function denseMultiply(
  A: Float64Array,
  n: number,
  d: number,
  x: Float64Array,
  out: Float64Array = new Float64Array(n),
): Float64Array {
  checkSizes(A, n, d, out, x);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const row0 = i * d;
    const row1 = row0 + d;
    const row2 = row1 + d;
    const row3 = row2 + d;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let j = 0; j < d; j++) {
      const xj = x[j];
      sum0 += A[row0 + j] * xj;
      sum1 += A[row1 + j] * xj;
      sum2 += A[row2 + j] * xj;
      sum3 += A[row3 + j] * xj;
    }
    out[i] = sum0;
    out[i + 1] = sum1;
    out[i + 2] = sum2;
    out[i + 3] = sum3;
  }
  for (; i < n; i++) {
    const row = i * d;
    let sum = 0;
    for (let j = 0; j < d; j++) sum += A[row + j] * x[j];
    out[i] = sum;
  }
  return out;
}

/**
 * Product with the transpose  out = A^T v  in float64, row by row, four rows a pass over `out`. Four neighboring
 * rows that all have weight 0 are not read.
 *
 * @param A n x d, row-major
 * @param v n numbers
 * @param out d numbers, overwritten; not v itself
 * @returns out
 * @throws ArgumentError when the sizes do not fit
 */
export function denseMultiplyTransposed(
  A: Float64Array,
  n: number,
  d: number,
  v: Float64Array,
  out: Float64Array = new Float64Array(d),
): Float64Array {
  checkSizes(A, n, d, v, out);
  out.fill(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v0 = v[i];
    const v1 = v[i + 1];
    const v2 = v[i + 2];
    const v3 = v[i + 3];
    if (v0 === 0 && v1 === 0 && v2 === 0 && v3 === 0) continue;
    const row0 = i * d;
    const row1 = row0 + d;
    const row2 = row1 + d;
    const row3 = row2 + d;
    for (let j = 0; j < d; j++)
      out[j] += v0 * A[row0 + j] + v1 * A[row1 + j] + (v2 * A[row2 + j] + v3 * A[row3 + j]);
  }
  for (; i < n; i++) {
    const row = i * d;
    const vi = v[i];
    for (let j = 0; j < d; j++) out[j] += vi * A[row + j];
  }
  return out;
}
