import { checkFiniteMatrix, checkLength } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { matrixProduct, transposed } from "../linalg/dense-product.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { outputsOf } from "./kernel-gradient-descent.ts";
import { checkCrossKernel, kernelSpectrum } from "./kernel-spectrum.ts";

export interface KernelPathOptions {
  /** eta in (0, 2 / lambda_max(K/N)); 1 / lambda_max(K/N) by default. */
  readonly learningRate?: number;
  /** The function on the data before training, N x k like y; 0 by default. */
  readonly f0?: Float64Array;
}

/** Kernel gradient descent after any number of steps, all from one eigendecomposition. */
export interface KernelPath {
  /** N. */
  readonly samples: number;
  /** k. */
  readonly outputs: number;
  /** Eigenvalues of K/N, descending; rounding below 0 is cut off. */
  readonly eigenvalues: Float64Array;
  readonly learningRate: number;
  /** tr S, the smoother's degrees of freedom: sum_i 1 - (1 - eta lambda_i)^steps. */
  degreesOfFreedom(steps: number): number;
  /** |y - f|^2 / (N k) on the data. */
  meanSquaredResidual(steps: number): number;
  /** f on the data, N x k. */
  train(steps: number): Float64Array;
  /** a, N x k, of the function f(x) = f_0(x) + sum_j K(x, x_j) a_j after each number of steps, side by side: N x (k steps). */
  dual(steps: readonly number[]): DenseMatrix;
  /**
   * f at M further points after each number of steps, M x k each, by one matrix product.
   *
   * @param kernel of the points with the data, M x N
   * @param f0 the function at the points before training, M x k
   * @throws ArgumentError when sizes do not match
   */
  predict(kernel: DenseMatrix, steps: readonly number[], f0?: Float64Array): Float64Array[];
}

/** @throws ArgumentError unless steps is an integer >= 0, or Infinity */
function checkSteps(steps: number): void {
  if (steps !== Number.POSITIVE_INFINITY && !(Number.isInteger(steps) && steps >= 0))
    throw new ArgumentError(`steps must be a non-negative integer or Infinity, got ${steps}`);
}

/**
 * The path of kernel gradient descent on 1/(2N) sum_j |f(x_j) - y_j|^2 with learning rate eta, for every number of steps at
 * once: with K/N = V diag(lambda) V^T,
 *
 *     f^s(X) = y + V diag((1 - eta lambda)^s) V^T (f_0(X) - y),
 *     f^s(x) = f_0(x) + K(x, X) V diag((1 - (1 - eta lambda)^s) / (N lambda)) V^T (y - f_0(X)),
 *
 * with the limit eta s / N at lambda = 0. After infinitely many steps it is the interpolant of least norm; directions with
 * eigenvalues below N eps lambda_max are then left out.
 * Source: Yao, Rosasco & Caponnetto 2007, "On early stopping in gradient descent learning".
 *
 * @param K N x N
 * @param y N x k
 * @throws ArgumentError when sizes do not match, K is 0, or the learning rate is not in (0, 2 / lambda_max(K/N))
 * @throws DataError when a number is not finite, or K is not symmetric and positive semidefinite
 */
export function kernelPath(K: DenseMatrix, y: Float64Array, options: KernelPathOptions = {}): KernelPath {
  checkOptions("kernelPath", options, ["learningRate", "f0"]);
  const { values: spectrum, vectors } = kernelSpectrum("K", K);
  const n = spectrum.length;
  const k = outputsOf("y", y, n);
  const { f0 } = options;
  if (f0 !== undefined) {
    checkLength("f0", f0, n * k);
    checkFiniteMatrix("f0", f0, k);
  }
  const eigenvalues = spectrum.map((value) => Math.max(value, 0) / n);
  const largest = eigenvalues[0];
  if (!(largest > 0)) throw new ArgumentError("K must not be 0: nothing can be learned with it");
  const { learningRate = 1 / largest } = options;
  checkPositive({ learningRate });
  if (!(learningRate * largest < 2))
    throw new ArgumentError(
      `learningRate must be below 2 / lambda_max(K/N) = ${2 / largest}, got ${learningRate}: training diverges`,
    );
  const cutoff = n * Number.EPSILON * largest;
  const backward = transposed(vectors.values, n, n);
  const errors = f0 === undefined ? y : y.map((target, i) => target - f0[i]);
  /** V^T (y - f_0), N x k. */
  const coefficients = matrixProduct(backward, errors, n);
  const left = (lambda: number, steps: number) =>
    steps === Number.POSITIVE_INFINITY ? (lambda > cutoff ? 0 : 1) : (1 - learningRate * lambda) ** steps;
  /** 1 - (1 - eta lambda)^steps, without cancellation. */
  const done = (lambda: number, steps: number) => {
    const rate = learningRate * lambda;
    if (steps === Number.POSITIVE_INFINITY || rate >= 1) return 1 - left(lambda, steps);
    return -Math.expm1(steps * Math.log1p(-rate));
  };
  const gain = (lambda: number, steps: number) => {
    if (steps === Number.POSITIVE_INFINITY) return lambda > cutoff ? 1 / (n * lambda) : 0;
    return lambda > 0 ? done(lambda, steps) / (n * lambda) : (learningRate * steps) / n;
  };

  function dual(steps: readonly number[]): DenseMatrix {
    if (!Array.isArray(steps))
      throw new ArgumentError(`steps must be an array of numbers of steps, got ${shown(steps)}`);
    steps.forEach(checkSteps);
    const width = steps.length * k;
    const scaled = new Float64Array(n * width);
    for (let i = 0; i < n; i++)
      for (let s = 0; s < steps.length; s++) {
        const factor = gain(eigenvalues[i], steps[s]);
        for (let c = 0; c < k; c++) scaled[i * width + s * k + c] = factor * coefficients[i * k + c];
      }
    return { rows: n, columns: width, values: matrixProduct(vectors.values, scaled, n) };
  }

  return {
    samples: n,
    outputs: k,
    eigenvalues,
    learningRate,
    degreesOfFreedom(steps) {
      checkSteps(steps);
      let sum = 0;
      for (let i = n - 1; i >= 0; i--) sum += done(eigenvalues[i], steps);
      return sum;
    },
    meanSquaredResidual(steps) {
      checkSteps(steps);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const factor = left(eigenvalues[i], steps);
        for (let c = 0; c < k; c++) sum += (factor * coefficients[i * k + c]) ** 2;
      }
      return sum / (n * k);
    },
    train(steps) {
      checkSteps(steps);
      const rest = coefficients.slice();
      for (let i = 0; i < n; i++) for (let c = 0; c < k; c++) rest[i * k + c] *= left(eigenvalues[i], steps);
      return matrixProduct(vectors.values, rest, n).map((value, i) => y[i] - value);
    },
    dual,
    predict(kernel, steps, start) {
      checkCrossKernel("kernel", kernel, n);
      if (start !== undefined) checkLength("f0", start, kernel.rows * k);
      const weights = dual(steps);
      const width = weights.columns;
      const all = matrixProduct(kernel.values, weights.values, n);
      return steps.map((_, s) => {
        const values = new Float64Array(kernel.rows * k);
        for (let i = 0; i < kernel.rows; i++)
          for (let c = 0; c < k; c++)
            values[i * k + c] = all[i * width + s * k + c] + (start === undefined ? 0 : start[i * k + c]);
        return values;
      });
    },
  };
}
