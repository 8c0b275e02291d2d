import { checkFiniteMatrix, checkLength } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkWithin } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { matrixProduct } from "../linalg/dense-product.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import {
  applySpectral,
  checkCrossKernel,
  kernelSpectrum,
  spectralTraining,
  type TrainingDuration,
} from "./kernel-spectrum.ts";

/** The initial function, and further points at which to evaluate the trained one. */
export interface KernelTrainingOptions {
  /** The function on the data before training, N x k like y; defaults to 0. */
  readonly f0?: Float64Array;
  /** The kernel of M further points with the data, M x N. */
  readonly testKernel?: DenseMatrix;
  /** The function at the further points before training, M x k; defaults to 0. */
  readonly testF0?: Float64Array;
}

/** A function trained by kernel gradient descent. */
export interface KernelTraining {
  /** The trained function on the data, N x k. */
  readonly train: Float64Array;
  /** The trained function at the further points, M x k; empty if there are none. */
  readonly test: Float64Array;
  /** Rank of the kernel matrix. */
  readonly rank: number;
  readonly warnings: readonly string[];
}

/**
 * The number of outputs k of N x k targets.
 *
 * @throws ArgumentError when N does not divide the number of targets
 */
export function outputsOf(name: string, y: Float64Array, n: number): number {
  const k = y.length / n;
  if (!Number.isInteger(k) || k < 1)
    throw new ArgumentError(`${name} must have N = ${n} numbers or a multiple, got ${y.length ?? shown(y)}`);
  checkFiniteMatrix(name, y, k);
  return k;
}

/** Checks the options and fills in defaults. */
export function checkTraining(
  y: Float64Array,
  n: number,
  { f0, testKernel = { rows: 0, columns: n, values: new Float64Array(0) }, testF0 }: KernelTrainingOptions,
) {
  const k = outputsOf("y", y, n);
  checkCrossKernel("testKernel", testKernel, n);
  const m = testKernel.rows;
  if (f0 !== undefined) {
    checkLength("f0", f0, n * k);
    checkFiniteMatrix("f0", f0, k);
  }
  if (testF0 !== undefined) {
    checkLength("testF0", testF0, m * k);
    checkFiniteMatrix("testF0", testF0, k);
  }
  return {
    k,
    testKernel,
    f0: f0 ?? new Float64Array(n * k),
    testF0: testF0 ?? new Float64Array(m * k),
  };
}

/** The warnings about training to convergence with a singular kernel. */
export function rankWarnings(duration: TrainingDuration, rank: number, n: number): readonly string[] {
  if (!("time" in duration) || duration.time !== Number.POSITIVE_INFINITY || rank === n) return [];
  return [
    `the kernel matrix of ${n} points has rank ${rank}: its pseudo-inverse is used, and labels may not be fitted exactly`,
  ];
}

/**
 * Kernel gradient descent on the mean squared error C(f) = 1/(2N) sum_j |f(x_j) - y_j|^2 in closed form:
 *
 *     f_t(X) = y + e^(-tG) (f_0(X) - y),     G = K/N,
 *     f_t(x) = f_0(x) + K(x, X) K^(-1) (I - e^(-tG)) (y - f_0(X)),
 *
 * the function of an infinitely wide network trained for time t, if K is its tangent kernel. For discrete steps,
 * (I - learningRate G)^steps replaces e^(-tG). At a finite time K may be singular.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 5.
 *
 * @param K N x N; for k outputs the kernel is K times the identity
 * @param y N x k, row-major
 * @throws ArgumentError when sizes do not match or the duration is out of range; a learning rate above
 *   2 N / lambda_max diverges
 * @throws DataError when a number is not finite, or K is not symmetric and positive semidefinite
 */
export function kernelGradientDescent(
  K: DenseMatrix,
  y: Float64Array,
  training: KernelTrainingOptions & TrainingDuration,
): KernelTraining {
  const durations = "time" in training ? ["time"] : ["steps", "learningRate", "allowUnstable"];
  checkOptions("kernelGradientDescent", training, ["f0", "testKernel", "testF0", ...durations]);
  const { f0, testKernel, testF0, ...duration } = training;
  const spectrum = kernelSpectrum("K", K);
  const n = spectrum.values.length;
  const options = checkTraining(y, n, { f0, testKernel, testF0 });
  const { left, gain, rank } = spectralTraining(spectrum.values, duration);
  const { k } = options;
  const train = applySpectral(
    spectrum,
    left,
    y.map((target, i) => options.f0[i] - target),
    k,
  ).map((rest, i) => y[i] + rest);
  const dual = applySpectral(
    spectrum,
    gain,
    y.map((target, i) => target - options.f0[i]),
    k,
  );
  const test = matrixProduct(options.testKernel.values, dual, n).map((value, i) => options.testF0[i] + value);
  return { train, test, rank, warnings: rankWarnings(duration, rank, n) };
}

/**
 * The largest learning rate at which gradient descent on the mean squared error does not diverge,
 * 2 (1 + momentum) / lambda_max(K/N).
 *
 * @throws ArgumentError unless momentum is in [0, 1) and K is square
 * @throws DataError when K is not finite, symmetric and positive semidefinite
 */
export function maxLearningRate(K: DenseMatrix, options: { readonly momentum?: number } = {}): number {
  checkOptions("maxLearningRate", options, ["momentum"]);
  const { momentum = 0 } = options;
  checkWithin("[0, 1)", { momentum });
  const { values } = kernelSpectrum("K", K);
  return (2 * (1 + momentum) * values.length) / values[0];
}
