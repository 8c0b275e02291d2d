import { checkLimit, checkNonNegative } from "../check/numbers.ts";
import { checkOneOf, checkOptions } from "../check/options.ts";
import { matrixProduct, transposed } from "../linalg/dense-product.ts";
import { checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import type { DenseKernel, KernelEvaluationOptions } from "./dense-kernel.ts";
import { outputsOf, rankWarnings } from "./kernel-gradient-descent.ts";
import { applySpectral, kernelSpectrum, spectralTraining } from "./kernel-spectrum.ts";

export interface TrainedDistributionOptions extends KernelEvaluationOptions {
  /** Learning rate times steps on the mean squared error; Infinity trains to convergence. */
  readonly time?: number;
  /** Added to the diagonal of the data's kernel. */
  readonly ridge?: number;
  /** `ntk`: networks trained by gradient descent; `nngp`: the Bayesian posterior under the networks' prior. */
  readonly mode?: "ntk" | "nngp";
}

/** A Gaussian distribution of functions at M points; k outputs are independent with the same covariance. */
export interface TrainedDistribution {
  /** M x k, row-major. */
  readonly mean: Float64Array;
  /** M x M. */
  readonly covariance: DenseMatrix;
  /** Standard deviation at each point. */
  readonly deviation: Float64Array;
  /** Rank of the data's kernel matrix. */
  readonly rank: number;
  readonly warnings: readonly string[];
}

/**
 * The distribution of an infinitely wide network's outputs after training from random parameters, f_0 ~ GP(0, Sigma):
 *
 *     A = Theta(x, X) Theta(X, X)^(-1) (I - e^(-t Theta(X, X)/N)),     mean A y,
 *     covariance Sigma_xx' - A Sigma_Xx' - Sigma_xX A'^T + A Sigma_XX A'^T.
 *
 * In mode `nngp`, Sigma replaces Theta: at infinite time this is Bayesian inference, equivalent to training only the
 * last layer.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 5; Lee et al. 2019, "Wide neural networks of
 * any depth evolve as linear models", eqs. 15 and 16.
 *
 * @param y N x k, row-major
 * @throws ArgumentError when sizes do not match, or time or ridge is not >= 0
 * @throws DataError when a number is not finite
 */
export async function trainedDistribution(
  kernel: DenseKernel,
  X: DenseMatrix,
  y: Float64Array,
  test: DenseMatrix,
  options: TrainedDistributionOptions = {},
): Promise<TrainedDistribution> {
  checkOptions("trainedDistribution", options, ["time", "ridge", "mode", "signal", "onProgress"]);
  const { time = Number.POSITIVE_INFINITY, ridge = 0, mode = "ntk", signal, onProgress } = options;
  checkLimit({ time });
  checkNonNegative({ ridge });
  checkOneOf(["ntk", "nngp"], { mode });
  checkFiniteDense("X", X);
  checkFiniteDense("test", test);
  const [n, m] = [X.rows, test.rows];
  const k = outputsOf("y", y, n);
  const data = await kernel.both(X, undefined, { signal, onProgress });
  const cross = await kernel.both(test, X, { signal });
  const prior = await kernel.nngp(test, undefined, { signal });
  const learning = data[mode].values.slice();
  for (let i = 0; i < n; i++) learning[i * (n + 1)] += ridge;
  const spectrum = kernelSpectrum("the kernel of X", { rows: n, columns: n, values: learning });
  const { gain, rank } = spectralTraining(spectrum.values, { time });

  const mean = matrixProduct(cross[mode].values, applySpectral(spectrum, gain, y, k), n);
  // A^T = gain(K) K(X, x), N x M
  const A = applySpectral(spectrum, gain, transposed(cross[mode].values, m, n), m);
  const between = matrixProduct(cross.nngp.values, A, n);
  const within = matrixProduct(transposed(A, n, m), matrixProduct(data.nngp.values, A, n), n);
  const covariance = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++)
      covariance[i * m + j] =
        prior.values[i * m + j] -
        between[i * m + j] -
        between[j * m + i] +
        (within[i * m + j] + within[j * m + i]) / 2;
  return {
    mean,
    covariance: { rows: m, columns: m, values: covariance },
    deviation: Float64Array.from({ length: m }, (_, i) => Math.sqrt(Math.max(covariance[i * (m + 1)], 0))),
    rank,
    warnings: rankWarnings({ time }, rank, n),
  };
}
