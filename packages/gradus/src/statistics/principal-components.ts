import { ArgumentError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { extremeUnit } from "../linalg/extreme-unit.ts";
import { symmetricEigen } from "../linalg/factorize/symmetric-eigen.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { sampleMoments } from "./moments.ts";

/** Directions of largest variance of a sample. */
export interface PrincipalComponents {
  /** d numbers. */
  readonly mean: Float64Array;
  /** k x d: orthonormal rows, by descending variance. */
  readonly components: DenseMatrix;
  /** Variance along each component. */
  readonly variances: Float64Array;
  /** Coordinates, m x k, of m points along the components. */
  project(x: DenseMatrix): DenseMatrix;
}

/** Squares of numbers within its inverse and this stay within float64, and so do sums of them. */
const FAR = 2 ** 400;

const times = (x: DenseMatrix, factor: number): DenseMatrix => ({
  ...x,
  values: x.values.map((value) => factor * value),
});

/**
 * Principal components of points: the leading eigenvectors of their covariance. A component's sign is chosen so that
 * its largest entry is positive.
 * Source: Pearson 1901, "On lines and planes of closest fit to systems of points in space".
 *
 * @param x n x d, one point a row
 * @param count k, number of components
 * @throws ArgumentError when x is not a dense matrix, or count is not an integer in 1 .. d
 * @throws DataError when there are fewer than two rows or a number is not finite
 */
export function principalComponents(x: DenseMatrix, count: number): PrincipalComponents {
  checkFiniteDense("x", x);
  const largest = x.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = extremeUnit(largest, FAR);
  if (unit !== 1) {
    const { mean, components, variances, project } = principalComponents(times(x, 1 / unit), count);
    return {
      mean: mean.map((value) => unit * value),
      components,
      variances: variances.map((value) => unit * (unit * value)),
      project: (points) => times(project(times(points, 1 / unit)), unit),
    };
  }
  const { mean, covariance } = sampleMoments(x);
  const d = x.columns;
  checkIntegerWithin(1, d, { count });
  const { values, vectors } = symmetricEigen(covariance);
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
    components: { rows: count, columns: d, values: components },
    variances,
    project(points) {
      checkDense("x", points);
      const { rows: m, values: rows } = points;
      if (points.columns !== d)
        throw new ArgumentError(`x must have d = ${d} columns, got ${points.columns}`);
      const coordinates = new Float64Array(m * count);
      for (let i = 0; i < m; i++)
        for (let k = 0; k < count; k++) {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += (rows[i * d + j] - mean[j]) * components[k * d + j];
          coordinates[i * count + k] = sum;
        }
      return { rows: m, columns: count, values: coordinates };
    },
  };
}
