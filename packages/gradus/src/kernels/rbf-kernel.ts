import { ArgumentError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { innerProducts, squaredNorms } from "./inner-products.ts";
import { checkRows, type Rows } from "./rows.ts";

/**
 * The radial basis kernel  K(x, y) = exp(-|x - y|^2 / (2 lengthScale^2)), a baseline that knows no network: with
 * `kernelGradientDescent` to infinite time it is kernel regression.
 *
 * @returns rows of X x rows of Y, row-major
 * @throws ArgumentError when sizes do not fit or lengthScale is not finite and > 0
 * @throws DataError when a number is not finite
 */
export function rbfKernel(
  X: Rows,
  Y: Rows = X,
  options: { readonly lengthScale?: number } = {},
): Float64Array {
  checkOptions("rbfKernel", options, ["lengthScale"]);
  const { lengthScale = 1 } = options;
  checkRows("X", X);
  checkRows("Y", Y);
  if (Y.d !== X.d) throw new ArgumentError(`Y must have as many columns as X, ${X.d}, got ${Y.d}`);
  checkPositive({ lengthScale });
  const K = new Float64Array(X.n * Y.n);
  innerProducts(X, 0, new Array<number>(X.n).fill(Y.n), Y, K);
  const [ofX, ofY] = [squaredNorms("X", X), squaredNorms("Y", Y)];
  for (let i = 0; i < X.n; i++)
    for (let j = 0; j < Y.n; j++) {
      const distance = Math.max(ofX[i] + ofY[j] - 2 * K[i * Y.n + j], 0);
      K[i * Y.n + j] = Math.exp(-distance / (2 * lengthScale * lengthScale));
    }
  return K;
}
