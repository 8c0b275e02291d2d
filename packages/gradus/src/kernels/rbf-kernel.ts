import { gaussianKernel } from "@gradus/blas/kernels";
import { ArgumentError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { squaredNorms } from "./squared-norms.ts";

/**
 * The radial basis function kernel  K(x, y) = exp(-|x - y|^2 / (2 lengthScale^2)), a baseline without a network: with
 * `kernelGradientDescent` at infinite time it gives kernel regression.
 *
 * @param X n x d, one point per row
 * @param Y m x d; defaults to X
 * @returns n x m
 * @throws ArgumentError when sizes do not match or lengthScale is not finite and > 0
 * @throws DataError when a number is not finite
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
  squaredNorms("X", X);
  squaredNorms("Y", Y);
  return gaussianKernel({ x: X, y: Y, lengthScale });
}
