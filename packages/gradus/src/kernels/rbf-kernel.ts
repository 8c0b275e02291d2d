import { gaussianKernel } from "@gradus/blas/kernels";
import { ArgumentError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { extremeUnit } from "../linalg/extreme-unit.ts";
import { checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { dot } from "../linalg/vector.ts";
import { squaredNorms } from "./squared-norms.ts";

/** Points are moved to their center where its squared norm is this many times their mean squared distance from it. */
const FAR = 100;

/** The center of points that are far from the origin beside their distances from each other; otherwise undefined. */
function farCenter({ rows, columns, values }: DenseMatrix): Float64Array | undefined {
  const center = new Float64Array(columns);
  // relative to the first row, so that a large offset costs no digits
  values.forEach((value, k) => {
    center[k % columns] += (value - values[k % columns]) / rows;
  });
  for (let j = 0; j < columns; j++) center[j] += values[j];
  let spread = 0;
  values.forEach((value, k) => {
    spread += (value - center[k % columns]) ** 2 / rows;
  });
  return dot(center, center) > FAR * spread ? center : undefined;
}

const movedBy = ({ rows, columns, values }: DenseMatrix, center: Float64Array): DenseMatrix => ({
  rows,
  columns,
  values: values.map((value, k) => value - center[k % columns]),
});

/** Squares of lengths within its inverse and this stay far within float64. */
const FAR_LENGTH = 2 ** 400;

const inUnit = ({ rows, columns, values }: DenseMatrix, unit: number): DenseMatrix => ({
  rows,
  columns,
  values: values.map((value) => value / unit),
});

/**
 * The radial basis function kernel  K(x, y) = exp(-|x - y|^2 / (2 lengthScale^2)), a baseline without a network: with
 * `kernelGradientDescent` at infinite time it gives kernel regression. Where Y is far from the origin beside the distances of
 * its points, distances are taken about its center, so that an offset of all points costs no digits.
 *
 * @param X n x d, one point per row
 * @param Y m x d; defaults to X
 * @returns n x m
 * @throws ArgumentError when sizes do not match or lengthScale is not finite and > 0
 * @throws DataError when a number is not finite, also as a multiple of an extreme lengthScale
 */
export function rbfKernel(
  X: DenseMatrix,
  Y: DenseMatrix = X,
  options: { readonly lengthScale?: number } = {},
): DenseMatrix {
  checkOptions("rbfKernel", options, ["lengthScale"]);
  const { lengthScale = 1 } = options;
  checkFiniteDense("X", X);
  checkFiniteDense("Y", Y);
  if (Y.columns !== X.columns)
    throw new ArgumentError(`Y must have as many columns as X, ${X.columns}, got ${Y.columns}`);
  checkPositive({ lengthScale });
  const unit = extremeUnit(lengthScale, FAR_LENGTH);
  if (unit !== 1) {
    // squares of the points and of the length would leave float64
    const x = inUnit(X, unit);
    return rbfKernel(x, X === Y ? x : inUnit(Y, unit), { lengthScale: lengthScale / unit });
  }
  squaredNorms("X", X);
  squaredNorms("Y", Y);
  const center = farCenter(Y);
  if (center === undefined) return gaussianKernel({ x: X, y: Y, lengthScale });
  const y = movedBy(Y, center);
  return gaussianKernel({ x: X === Y ? y : movedBy(X, center), y, lengthScale });
}
