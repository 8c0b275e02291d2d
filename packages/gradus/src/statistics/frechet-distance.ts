import { checkLength } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { matrixProduct } from "../linalg/dense-product.ts";
import { extremeUnit } from "../linalg/extreme-unit.ts";
import { symmetricEigen } from "../linalg/factorize/symmetric-eigen.ts";
import { symmetricEigenvalues } from "../linalg/factorize/symmetric-eigenvalues.ts";
import { addLowerProducts, mirrorLower } from "../linalg/lower-products.ts";
import { checkDense, type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import { type GaussianMoments, sampleMoments } from "./moments.ts";
import { principalComponents } from "./principal-components.ts";

/** Negative eigenvalues of at most this size, relative to the largest, are attributed to rounding. */
const NEGATIVE_BY_ROUNDING = 1e-9;

function rootsOf(values: Float64Array, name: string): Float64Array<ArrayBuffer> {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value) => {
    if (value < -NEGATIVE_BY_ROUNDING * largest)
      throw new DataError(`${name} must be positive semidefinite, got the eigenvalue ${value}`);
    return Math.sqrt(Math.max(0, value));
  });
}

/** R = V diag(sqrt(values)) V^T, the symmetric square root. */
function squareRoot(A: DenseMatrix, name: string): Float64Array<ArrayBuffer> {
  const d = A.rows;
  const { values, vectors } = symmetricEigen(A);
  const fourthRoots = rootsOf(values, name).map(Math.sqrt);
  const scaled = vectors.values.map((v, k) => v * fourthRoots[k % d]);
  const R = new Float64Array(d * d);
  addLowerProducts(R, scaled, scaled, d, d);
  mirrorLower(R, d);
  return R;
}

/** Products of covariances stay within float64 where standard deviations and differences are between 2^-200 and 2^200. */
const FAR = 2 ** 200;

/** The power of two in whose multiples to measure two distributions; 1 unless their sizes are extreme. */
function lengthUnit(a: GaussianMoments, b: GaussianMoments): number {
  let largest = 0;
  for (let j = 0; j < a.mean.length; j++) {
    const diagonal = j * (a.mean.length + 1);
    for (const { covariance } of [a, b])
      largest = Math.max(largest, Math.sqrt(Math.abs(covariance.values[diagonal])));
    largest = Math.max(largest, Math.abs(a.mean[j] - b.mean[j]));
  }
  return Number.isFinite(largest) ? extremeUnit(largest, FAR) : 1;
}

function inUnit({ mean, covariance }: GaussianMoments, unit: number): GaussianMoments {
  return {
    mean: mean.map((value) => value / unit),
    covariance: { ...covariance, values: covariance.values.map((value) => value / unit / unit) },
  };
}

/**
 * Squared Frechet (2-Wasserstein) distance between two Gaussian distributions:
 *
 *     ||m_1 - m_2||^2 + tr( S_1 + S_2 - 2 (S_1^{1/2} S_2 S_1^{1/2})^{1/2} )
 *
 * Source: Dowson & Landau 1982, "The Frechet distance between multivariate normal distributions".
 *
 * @throws ArgumentError when the sizes differ
 * @throws DataError when a covariance is not symmetric and positive semidefinite
 */
export function frechetGaussian(a: GaussianMoments, b: GaussianMoments): number {
  const d = a.mean.length;
  checkLength("b.mean", b.mean, d);
  for (const [name, { covariance }] of Object.entries({ a, b }))
    if (covariance.rows !== d || covariance.columns !== d)
      throw new ArgumentError(
        `${name}.covariance must be ${d} x ${d}, got ${covariance.rows} x ${covariance.columns}`,
      );
  const unit = lengthUnit(a, b);
  if (unit !== 1) return unit ** 2 * frechetGaussian(inUnit(a, unit), inUnit(b, unit));
  const root = squareRoot(a.covariance, "the first covariance");
  rootsOf(symmetricEigenvalues(b.covariance), "the second covariance");
  const middle = matrixProduct(matrixProduct(root, b.covariance.values, d), root, d);
  const roots = rootsOf(symmetricEigenvalues(denseMatrix(middle, d, d)), "the product of the covariances");
  let distance = 0;
  for (let j = 0; j < d; j++) {
    const diagonal = j * (d + 1);
    distance +=
      (a.mean[j] - b.mean[j]) ** 2 +
      a.covariance.values[diagonal] +
      b.covariance.values[diagonal] -
      2 * roots[j];
  }
  return Math.max(0, distance);
}

/**
 * Squared Frechet distance between the Gaussian distributions with the means and covariances of two samples. With
 * `components`, both samples are first projected onto that many principal components of x, the reference.
 *
 * @param x n x d, one point a row
 * @param y m x d, one point a row
 * @throws ArgumentError when x or y is not a dense matrix, they have other columns, components is not an integer from 1
 *   to d, or an option is unknown
 * @throws DataError when a sample has fewer than two rows, x no more rows than components, or a number is not finite
 */
export function frechetDistance(
  x: DenseMatrix,
  y: DenseMatrix,
  options: { components?: number } = {},
): number {
  checkOptions("frechetDistance", options, ["components"]);
  const { components } = options;
  checkDense("x", x);
  checkDense("y", y);
  if (y.columns !== x.columns)
    throw new ArgumentError(`y must have ${x.columns} columns, as x, got ${y.columns}`);
  if (components !== undefined) {
    checkIntegerWithin(1, x.columns, { components });
    if (components >= x.rows)
      throw new DataError(
        `x must have more rows than components, got ${x.rows} rows for ${components} components: take more samples or at most ${x.rows - 1} components`,
      );
  }
  if (components === undefined) return frechetGaussian(sampleMoments(x), sampleMoments(y));
  const { project } = principalComponents(x, components);
  return frechetGaussian(sampleMoments(project(x)), sampleMoments(project(y)));
}
