import { ArgumentError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { symmetricEigen } from "../linalg/factorize/symmetric-eigen.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { sampleMoments } from "./moments.ts";

/** Directions of largest variance of a sample. */
export interface PrincipalComponents {
  /** d numbers. */
  readonly mean: Float64Array;
  /** k x d, row-major: orthonormal, of decreasing variance. */
  readonly components: Float64Array;
  /** Variance along each component. */
  readonly variances: Float64Array;
  /** Coordinates of m rows of d numbers along the components: m x k, row-major. */
  project(x: Float64Array): Float64Array;
}

/**
 * Principal components of points: the leading eigenvectors of their covariance. A component's sign is chosen so that
 * its largest entry is positive.
 * Source: Pearson 1901, "On lines and planes of closest fit to systems of points in space".
 *
 * @param x n x d, row-major
 * @param count k, number of components
 * @throws ArgumentError when the numbers do not make rows of d, or count is not an integer in 1 .. d
 * @throws DataError when there are fewer than two rows or a number is not finite
 */
export function principalComponents(x: Float64Array, d: number, count: number): PrincipalComponents {
  const { mean, covariance } = sampleMoments(x, d);
  checkIntegerWithin(1, d, { count });
  const { values, vectors } = symmetricEigen(denseMatrix(covariance, d, d));
  const components = new Float64Array(count * d);
  const variances = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    variances[k] = Math.max(0, values[k]);
    let largest = 0;
    for (let j = 0; j < d; j++) {
      const entry = vectors.values[j * d + k];
      if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    }
    for (let j = 0; j < d; j++) components[k * d + j] = Math.sign(largest) * vectors.values[j * d + k];
  }
  return {
    mean,
    components,
    variances,
    project(rows) {
      const m = rows.length / d;
      if (!Number.isInteger(m))
        throw new ArgumentError(`x must have rows of d = ${d} numbers, got ${rows.length} numbers`);
      const coordinates = new Float64Array(m * count);
      for (let i = 0; i < m; i++)
        for (let k = 0; k < count; k++) {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += (rows[i * d + j] - mean[j]) * components[k * d + j];
          coordinates[i * count + k] = sum;
        }
      return coordinates;
    },
  };
}
