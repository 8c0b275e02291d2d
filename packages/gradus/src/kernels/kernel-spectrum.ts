import { ArgumentError, DataError } from "../check/errors.ts";
import { checkLimit, checkNonNegative, checkNonNegativeInteger } from "../check/numbers.ts";
import { checkBoolean } from "../check/options.ts";
import { type SymmetricEigen, symmetricEigen } from "../linalg/factorize/symmetric-eigen.ts";
import { checkDense, checkFiniteEntries, checkSquareDense, type DenseMatrix } from "../linalg/matrix.ts";

/** The duration of training by gradient descent on the mean squared error. */
export type TrainingDuration =
  /** Gradient flow, the limit of small steps: time is learning rate times steps; Infinity trains to convergence. */
  | { readonly time: number }
  /** Discrete steps with a learning rate. */
  | { readonly steps: number; readonly learningRate: number; readonly allowUnstable?: boolean };

const INDEFINITE = 1e-8;

/**
 * Checks the kernel matrix of M points with the N points of the data, M x N.
 *
 * @throws ArgumentError unless it is a dense matrix of N columns
 * @throws DataError when a number is not finite
 */
export function checkCrossKernel(name: string, K: DenseMatrix, n: number): void {
  checkDense(name, K);
  if (K.columns !== n) throw new ArgumentError(`${name} must have N = ${n} columns, got ${K.columns}`);
  checkFiniteEntries(name, K);
}

/**
 * The eigendecomposition K = V diag(values) V^T of a kernel matrix.
 *
 * @throws ArgumentError unless K is square
 * @throws DataError unless K is finite, symmetric to 1e-8 and without eigenvalues below -1e-8 lambda_max
 */
export function kernelSpectrum(name: string, K: DenseMatrix): SymmetricEigen {
  const n = checkSquareDense(name, K);
  let spectrum: SymmetricEigen;
  try {
    spectrum = symmetricEigen(K);
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${name}: ${error.message}`);
    throw error;
  }
  const [largest, smallest] = [spectrum.values[0], spectrum.values[n - 1]];
  if (smallest < -INDEFINITE * Math.abs(largest))
    throw new DataError(
      `${name} must be positive semidefinite, got the eigenvalues ${smallest} and ${largest}`,
    );
  return spectrum;
}

/** The effect of training along each eigenvector of a kernel matrix. */
export interface SpectralTraining {
  /** The fraction of the error that remains: exp(-t lambda / N). */
  readonly left: Float64Array;
  /**
   * The factor from an error on the data to the update through the kernel: (1 - left) / lambda; t / N if lambda is 0.
   */
  readonly gain: Float64Array;
  /** Number of eigenvalues above N eps lambda_max. */
  readonly rank: number;
}

/**
 * The two functions of a kernel's eigenvalues that determine training, finite at eigenvalue 0: at infinite time,
 * directions with eigenvalues below N eps lambda_max are left out (the pseudo-inverse).
 *
 * @param values eigenvalues of K, N of them, descending
 * @throws ArgumentError when time, steps or the learning rate is not >= 0, or the learning rate is above
 *   2 N / lambda_max without `allowUnstable`
 */
export function spectralTraining(values: Float64Array, duration: TrainingDuration): SpectralTraining {
  const n = values.length;
  const largest = Math.max(values[0], 0);
  const cutoff = n * Number.EPSILON * largest;
  const rank = values.reduce((count, value) => (value > cutoff ? count + 1 : count), 0);
  const left = new Float64Array(n);
  const gain = new Float64Array(n);
  if ("time" in duration) {
    const { time } = duration;
    checkLimit({ time });
    for (let i = 0; i < n; i++) {
      const value = Math.max(values[i], 0);
      if (time === Number.POSITIVE_INFINITY) {
        left[i] = value > cutoff ? 0 : 1;
        gain[i] = value > cutoff ? 1 / value : 0;
      } else {
        left[i] = Math.exp((-time * value) / n);
        gain[i] = value > 0 ? -Math.expm1((-time * value) / n) / value : time / n;
      }
    }
    return { left, gain, rank };
  }
  const { steps, learningRate, allowUnstable = false } = duration;
  checkNonNegativeInteger({ steps });
  checkNonNegative({ learningRate });
  checkBoolean({ allowUnstable });
  if (!allowUnstable && learningRate * largest > 2 * n)
    throw new ArgumentError(
      `learningRate must be at most 2 N / lambda_max = ${(2 * n) / largest}, got ${learningRate}: training diverges ` +
        "(set allowUnstable to skip this check)",
    );
  for (let i = 0; i < n; i++) {
    const value = Math.max(values[i], 0);
    const rate = (learningRate * value) / n;
    left[i] = (1 - rate) ** steps;
    // 1 - (1 - rate)^k without cancellation for small rates
    const done = rate < 1 ? -Math.expm1(steps * Math.log1p(-rate)) : 1 - left[i];
    gain[i] = value > 0 ? done / value : (learningRate * steps) / n;
  }
  return { left, gain, rank };
}

/**
 * V diag(factors) V^T B for n x k B.
 *
 * @returns n x k, row-major
 */
export function applySpectral(
  { vectors: { rows: n, values: V } }: SymmetricEigen,
  factors: Float64Array,
  B: Float64Array,
  k: number,
): Float64Array<ArrayBuffer> {
  const coefficients = new Float64Array(n * k);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const v = V[i * n + j];
      for (let c = 0; c < k; c++) coefficients[j * k + c] += v * B[i * k + c];
    }
  for (let j = 0; j < n; j++) for (let c = 0; c < k; c++) coefficients[j * k + c] *= factors[j];
  const result = new Float64Array(n * k);
  // sum the terms of the smallest eigenvalues first
  for (let i = 0; i < n; i++)
    for (let j = n - 1; j >= 0; j--) {
      const v = V[i * n + j];
      for (let c = 0; c < k; c++) result[i * k + c] += v * coefficients[j * k + c];
    }
  return result;
}
