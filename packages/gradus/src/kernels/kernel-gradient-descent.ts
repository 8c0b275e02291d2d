import { ArgumentError, DataError } from "../check/errors.ts";
import { matrixProduct } from "../linalg/dense-product.ts";
import { applySpectral, kernelSpectrum, spectralTraining, type TrainingDuration } from "./kernel-spectrum.ts";

/** The functions before training and where else they are wanted. */
export interface KernelTrainingOptions {
  /** The function on the data before training, N x k like y; 0 when left out. */
  readonly f0?: Float64Array;
  /** The kernel of M further points with the data, M x N, row-major. */
  readonly testKernel?: Float64Array;
  /** The function on the further points before training, M x k; 0 when left out. */
  readonly testF0?: Float64Array;
}

/** A function trained by kernel gradient descent. */
export interface KernelTraining {
  /** On the data, N x k. */
  readonly train: Float64Array;
  /** On the further points, M x k; empty without them. */
  readonly test: Float64Array;
  /** Rank of the kernel matrix. */
  readonly rank: number;
  readonly warnings: readonly string[];
}

/** @throws DataError naming the place of a number that is not finite */
export function checkFinite(name: string, values: Float64Array): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new DataError(`${name} must be finite, got ${values[wrong]} at ${wrong}`);
}

/**
 * The number of outputs k of N x k targets.
 *
 * @throws ArgumentError when N does not divide the number of targets
 */
export function outputsOf(name: string, y: Float64Array, n: number): number {
  const k = y.length / n;
  if (!Number.isInteger(k) || k < 1)
    throw new ArgumentError(`${name} must have N = ${n} numbers or a multiple, got ${y.length}`);
  checkFinite(name, y);
  return k;
}

/** The options as arrays that fit. */
export function checkTraining(
  y: Float64Array,
  n: number,
  { f0, testKernel = new Float64Array(0), testF0 }: KernelTrainingOptions,
) {
  const k = outputsOf("y", y, n);
  const m = testKernel.length / n;
  if (!Number.isInteger(m))
    throw new ArgumentError(`testKernel must be M x N with N = ${n}, got ${testKernel.length} numbers`);
  checkFinite("testKernel", testKernel);
  if (f0 && f0.length !== n * k)
    throw new ArgumentError(`f0 must have ${n} x ${k} numbers, as y, got ${f0.length}`);
  if (testF0 && testF0.length !== m * k)
    throw new ArgumentError(`testF0 must have ${m} x ${k} numbers, got ${testF0.length}`);
  if (f0) checkFinite("f0", f0);
  if (testF0) checkFinite("testF0", testF0);
  return {
    k,
    testKernel,
    f0: f0 ?? new Float64Array(n * k),
    testF0: testF0 ?? new Float64Array(m * k),
  };
}

/** What to say at the end of training with a singular kernel. */
export function rankWarnings(duration: TrainingDuration, rank: number, n: number): readonly string[] {
  if (!("time" in duration) || duration.time !== Number.POSITIVE_INFINITY || rank === n) return [];
  return [
    `the kernel matrix of ${n} points has rank ${rank}: its pseudo-inverse is taken, and labels need not be met`,
  ];
}

/**
 * Kernel gradient descent on the mean squared error C(f) = 1/(2N) sum_j |f(x_j) - y_j|^2 in closed form:
 *
 *     f_t(X) = y + e^(-tG) (f_0(X) - y),     G = K/N,
 *     f_t(x) = f_0(x) + K(x, X) K^(-1) (I - e^(-tG)) (y - f_0(X)),
 *
 * what an infinitely wide network computes after training for time t, when K is its tangent kernel. With whole steps,
 * (I - learningRate G)^steps takes the place of e^(-tG). Singular kernels do no harm at a finite time.
 *
 * Source: Jacot, Gabriel and Hongler, 2018, "Neural tangent kernel", section 5.
 *
 * @param K N x N, row-major; for k outputs the kernel is K times the identity
 * @param y N x k, row-major
 * @throws ArgumentError when sizes do not fit, or as `TrainingDuration` is out of bounds: a learning rate above
 *   2 N / lambda_max diverges
 * @throws DataError when a number is not finite, or K not symmetric or indefinite
 */
export function kernelGradientDescent(
  K: Float64Array,
  y: Float64Array,
  { f0, testKernel, testF0, ...duration }: KernelTrainingOptions & TrainingDuration,
): KernelTraining {
  const spectrum = kernelSpectrum("K", K);
  const { n } = spectrum;
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
  const test = matrixProduct(options.testKernel, dual, n).map((value, i) => options.testF0[i] + value);
  return { train, test, rank, warnings: rankWarnings(duration, rank, n) };
}

/**
 * The largest learning rate at which gradient descent on the mean squared error does not diverge,
 * 2 (1 + momentum) / lambda_max(K/N).
 *
 * @throws ArgumentError unless momentum is in [0, 1) and K square
 * @throws DataError when K is not finite, symmetric and positive semidefinite
 */
export function maxLearningRate(
  K: Float64Array,
  { momentum = 0 }: { readonly momentum?: number } = {},
): number {
  if (!(momentum >= 0 && momentum < 1))
    throw new ArgumentError(`momentum must be in [0, 1), got ${momentum}`);
  const { n, values } = kernelSpectrum("K", K);
  return (2 * (1 + momentum) * n) / values[n - 1];
}
