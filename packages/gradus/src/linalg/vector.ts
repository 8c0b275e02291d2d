import { ArgumentError } from "../check/errors.ts";

function checkLengths(x: Float64Array, y: Float64Array): void {
  if (x.length !== y.length)
    throw new ArgumentError(`the vectors must have the same length, got ${x.length} and ${y.length}`);
}

/**
 * Inner product  sum_i x_i y_i, in four interleaved partial sums.
 *
 * @throws ArgumentError when the lengths differ
 */
export function dot(x: Float64Array, y: Float64Array): number {
  checkLengths(x, y);
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = 0;
  for (; i + 4 <= x.length; i += 4) {
    sum0 += x[i] * y[i];
    sum1 += x[i + 1] * y[i + 1];
    sum2 += x[i + 2] * y[i + 2];
    sum3 += x[i + 3] * y[i + 3];
  }
  for (; i < x.length; i++) sum0 += x[i] * y[i];
  return sum0 + sum1 + (sum2 + sum3);
}

const SQUARES_ARE_SAFE_ABOVE = 1e-280;

/** Euclidean length  sqrt(sum_i x_i^2), also where the squares overflow or underflow. */
export function norm2(x: Float64Array): number {
  const square = dot(x, x);
  if (Number.isFinite(square) && square > SQUARES_ARE_SAFE_ABOVE) return Math.sqrt(square);
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]);
    if (!(size <= largest)) largest = size; // NaN is kept
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/**
 * Adds a multiple of a vector in place:  y <- y + a x.
 *
 * @returns y
 * @throws ArgumentError when the lengths differ
 */
export function axpy(a: number, x: Float64Array, y: Float64Array): Float64Array {
  const n = x.length;
  // engines drop the bounds checks of a loop whose arrays were compared in length right before it
  if (y.length !== n) checkLengths(x, y);
  for (let i = 0; i < n; i++) y[i] += a * x[i];
  return y;
}

/**
 * Sum whose error does not grow with the number of terms: what each addition rounds off is collected and added at
 * the end.
 * Source: Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen".
 */
export function compensatedSum(x: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < x.length; i++) {
    const next = sum + x[i];
    lost += Math.abs(sum) >= Math.abs(x[i]) ? sum - next + x[i] : x[i] - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum; // infinite terms leave NaN in `lost`
}
