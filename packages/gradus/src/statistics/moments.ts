import { DataError } from "../check/errors.ts";
import { checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";

/** Mean and covariance of a sample or a distribution. */
export interface GaussianMoments {
  /** d numbers. */
  readonly mean: Float64Array;
  /** d x d. */
  readonly covariance: DenseMatrix;
}

/**
 * Mean and covariance of points, with divisor n - 1.
 *
 * @param points n x d, one point per row
 * @throws ArgumentError when `points` is not a dense matrix
 * @throws DataError when there are fewer than two rows, a number is not finite, or a column's variance is beyond float64
 */
export function sampleMoments(points: DenseMatrix): GaussianMoments {
  checkFiniteDense("x", points);
  const { rows: n, columns: d, values: x } = points;
  if (n < 2) throw new DataError(`x must have at least two rows, got ${n}`);
  const mean = new Float64Array(d);
  for (let start = 0; start < x.length; start += d) for (let j = 0; j < d; j++) mean[j] += x[start + j] / n;
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
  for (let j = 0; j < d; j++)
    if (!(covariance[j * (d + 1)] < Number.POSITIVE_INFINITY))
      throw new DataError(`the variance of column ${j} of x must be within float64: scale the column`);
  return { mean, covariance: { rows: d, columns: d, values: covariance } };
}
