import { ArgumentError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { denseKernel, type KernelEvaluationOptions } from "./dense-kernel.ts";

/** @throws ArgumentError naming a row of zeros, whose kernel is 0 whatever the network learns */
function checkNonZeroRows(name: string, { rows, columns, values }: DenseMatrix): void {
  for (let i = 0; i < rows; i++)
    if (values.subarray(i * columns, (i + 1) * columns).every((value) => value === 0))
      throw new ArgumentError(
        `${name} must not have a row of zeros, got one at row ${i}: add a constant column`,
      );
}

/**
 * The tangent kernel of a two-layer ReLU network of infinite width whose output layer is fixed,
 *
 *     K(z, z') = z.z' (pi - angle(z, z')) / (2 pi),
 *
 * the limit of  z.z' (1/m) sum_r 1{w_r.z >= 0} 1{w_r.z' >= 0}  for standard normal hidden weights.
 * Source: Du, Zhai, Poczos & Singh 2019, "Gradient descent provably optimizes over-parameterized neural networks",
 * definition 3.1.
 *
 * @param X n x d, one point per row
 * @param Y m x d; defaults to X
 * @returns n x m
 * @throws ArgumentError when sizes do not match, or for a row of zeros
 * @throws DataError when a number is not finite
 */
export async function twoLayerKernel(
  X: DenseMatrix,
  Y?: DenseMatrix,
  options: KernelEvaluationOptions = {},
): Promise<DenseMatrix> {
  checkOptions("twoLayerKernel", options, ["signal", "onProgress"]);
  checkFiniteDense("X", X);
  checkNonZeroRows("X", X);
  if (Y) {
    checkFiniteDense("Y", Y);
    checkNonZeroRows("Y", Y);
  }
  // Theta^(2) - Sigma^(2) is the hidden layer's part; the weights' scale takes out the division by d.
  const kernel = denseKernel({
    depth: 2,
    activation: "relu",
    weightStd: [Math.sqrt(X.columns), 1],
    biasStd: 0,
  });
  const { nngp, ntk } = await kernel.both(X, Y, options);
  for (let k = 0; k < ntk.values.length; k++) ntk.values[k] -= nngp.values[k];
  return ntk;
}
