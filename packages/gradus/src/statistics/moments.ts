import { ArgumentError, DataError } from "../check/errors.ts";

/** Mean and covariance of a sample or a distribution. */
export interface GaussianMoments {
  /** d numbers. */
  readonly mean: Float64Array;
  /** d x d, row-major. */
  readonly covariance: Float64Array;
}

/**
 * Mean and covariance of points; the sum of products about the mean is divided by n - 1.
 *
 * @param x n x d, row-major
 * @throws ArgumentError when the numbers do not make rows of d
 * @throws DataError when there are fewer than two rows or a number is not finite
 */
export function sampleMoments(x: Float64Array, d: number): GaussianMoments {
  const n = x.length / d;
  if (!Number.isInteger(d) || d < 1 || !Number.isInteger(n))
    throw new ArgumentError(`x must have rows of d = ${d} numbers, got ${x.length} numbers`);
  if (n < 2) throw new DataError(`x must have at least two rows, got ${n}`);
  const mean = new Float64Array(d);
  for (let start = 0; start < x.length; start += d)
    for (let j = 0; j < d; j++) {
      if (!Number.isFinite(x[start + j]))
        throw new DataError(`x must be finite, got ${x[start + j]} in row ${start / d}, column ${j}`);
      mean[j] += x[start + j] / n;
    }
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let start = 0; start < x.length; start += d) {
    for (let j = 0; j < d; j++) row[j] = x[start + j] - mean[j];
    for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) covariance[j * d + k] += row[j] * row[k];
  }
  for (let j = 0; j < d; j++)
    for (let k = 0; k <= j; k++) {
      const entry = covariance[j * d + k] / (n - 1);
      covariance[j * d + k] = entry;
      covariance[k * d + j] = entry;
    }
  return { mean, covariance };
}
