import { ConvergenceError } from "../../check/errors.ts";
import { checkLimit, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { spectralRadius } from "../../linalg/krylov/spectral-radius.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { batchNoiseShare, type SgdSampling } from "./batch-noise.ts";
import { type Eigenbasis, eigenbasis } from "./eigenbasis.ts";
import { checkResiduals, type Jacobian } from "./jacobian.ts";
import { momentMap } from "./second-moments.ts";

export interface StabilityThresholdOptions extends SgdSampling {
  /**
   * Tolerance of the leading mode's relative residual ||T M - nu M|| / nu; the learning rate's error is about its
   * square.
   */
  readonly tolerance?: number;
  /** Most applications of the operator. */
  readonly maxIterations?: number;
  /** f_i - y_i at the same point as J: a mean |f_i - y_i| too large for a global minimum gives a warning. */
  readonly residuals?: Float64Array;
  /** Mean |f_i - y_i| above which the result has a warning. */
  readonly residualTolerance?: number;
  readonly signal?: AbortSignal;
}

const OPTIONS = [
  "batchSize",
  "replacement",
  "tolerance",
  "maxIterations",
  "residuals",
  "residualTolerance",
  "signal",
] as const satisfies readonly (keyof StabilityThresholdOptions)[];

/** The largest stable learning rate, what bounds it, and the mode that becomes unstable there. */
export interface StabilityThreshold {
  /** eta*: SGD is stable in mean square if and only if the learning rate is at most eta*. Infinity if J is 0. */
  readonly learningRate: number;
  /** 2 / lambda_1, the threshold of full-batch gradient descent. */
  readonly fullBatchLearningRate: number;
  /** 2 / (p Tr G), which is at least eta*; p = 1 for a batch of one. */
  readonly traceBound: number;
  /** 2 E|g|^2 / (p E|g|^4 + (1 - p) ||G||_F^2), which is at least eta* and at most `traceBound`. */
  readonly fourthMomentBound: number;
  /** 2 / max_i |g_i|^2, which is at most eta*: each example by itself is stable. */
  readonly lowerBound: number;
  /** Share of each example in the leading mode, proportional to g_i^T M g_i; n numbers that sum to 1. */
  readonly mode: Float64Array;
  /** Applications of the operator. */
  readonly iterations: number;
  /** False if `maxIterations` was reached first: eta* then lies between `lowerBound` and `learningRate`. */
  readonly converged: boolean;
  /** A caveat about the result, if any. */
  readonly warning?: string;
}

/** Lower triangles packed so that the Euclidean inner product is <M, G M + M G>, in which the operator is symmetric. */
function packedOperator(basis: Eigenbasis, p: number) {
  const { rank: r, eigenvalues } = basis;
  const map = momentMap(basis, p);
  const size = (r * (r + 1)) / 2;
  const root = new Float64Array(size);
  for (let k = 0, at = 0; k < r; k++)
    for (let l = 0; l <= k; l++, at++) root[at] = 1 / Math.sqrt(eigenvalues[k] + eigenvalues[l]);
  const half = new Float64Array(r * r);
  const N = new Float64Array(r * r);

  const operator: LinearOperator = {
    rows: size,
    columns: size,
    symmetric: true,
    apply(s, out) {
      for (let k = 0, at = 0; k < r; k++) {
        for (let l = 0; l < k; l++, at++) half[k * r + l] = Math.SQRT1_2 * root[at] * s[at];
        half[k * r + k] = (root[at] * s[at]) / 2;
        at++;
      }
      map.apply(half, N);
      for (let k = 0, at = 0; k < r; k++) {
        for (let l = 0; l < k; l++, at++) out[at] = Math.SQRT2 * root[at] * N[k * r + l];
        out[at] = root[at] * N[k * r + k];
        at++;
      }
    },
  };
  /** M = I, which has a component along the leading mode, since that is positive semidefinite. */
  const start = new Float64Array(size);
  for (let k = 0; k < r; k++) start[(k * (k + 1)) / 2 + k] = Math.sqrt(2 * eigenvalues[k]);
  return { operator, start, forms: map.forms };
}

function bounds({ n, rank: r, eigenvalues, coordinates }: Eigenbasis, p: number) {
  let [second, fourth, largest, trace, squares] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let k = 0; k < r; k++) square += coordinates[i * r + k] ** 2;
    second += square / n;
    fourth += square ** 2 / n;
    largest = Math.max(largest, square);
  }
  for (let k = 0; k < r; k++) {
    trace += eigenvalues[k];
    squares += eigenvalues[k] ** 2;
  }
  return {
    fullBatchLearningRate: 2 / eigenvalues[0],
    traceBound: 2 / (p * trace),
    fourthMomentBound: (2 * second) / (p * fourth + (1 - p) * squares),
    lowerBound: 2 / largest,
  };
}

const unbounded = Number.POSITIVE_INFINITY;

/** The result for J = 0, where every learning rate is stable. */
const flat = (n: number): StabilityThreshold => ({
  learningRate: unbounded,
  fullBatchLearningRate: unbounded,
  traceBound: unbounded,
  fourthMomentBound: unbounded,
  lowerBound: unbounded,
  mode: new Float64Array(n).fill(1 / n),
  iterations: 0,
  converged: true,
  warning: "J is 0: the parameters do not move, and every learning rate is stable",
});

/**
 * The exact largest learning rate at which a global minimum is linearly stable for SGD: with squared loss, if the model
 * interpolates, the second moment M = E[delta delta^T] of the distance delta to the minimum follows
 *
 *     M <- M - eta (G M + M G) + eta^2 [p K(M) + (1 - p) G M G],   K(M) = (1/n) sum_i (g_i^T M g_i) g_i g_i^T
 *
 * and stays bounded if and only if eta <= eta* = 1/nu, where nu is the spectral radius of
 * M -> Lambda^-1 [p K(M) + (1 - p) G M G], Lambda(M) = G M + M G. For the full batch eta* = 2/lambda_1; for a batch of
 * one eta* <= 2 / Tr G.
 *
 * The computation is in the eigenbasis of G, never in P^2 numbers. The operator is symmetric in <M, Lambda(M)> and its
 * leading mode is positive semidefinite, so Lanczos from M = I finds it, with fewer applications than power iteration.
 * An application takes 2 n r^2 flops and 4 r^2 bytes, where r <= n is the rank of J; about 50 are typical.
 *
 * Batches are drawn without replacement by default.
 * Source: Mulayoff & Michaeli 2024, arXiv 2306.07850, for the moments; Wu & Su 2023, arXiv 2305.17490, for 2 / Tr G.
 *
 * @param J rows g_i, the gradients of the outputs (not of the loss), or their inner products
 * @throws ArgumentError, DataError when J is not valid or not finite, the batch size is not in 1 .. n, or an option is
 *   out of range
 * @throws the signal's reason when `signal` is aborted
 */
export async function stabilityThreshold(
  J: Jacobian,
  options: StabilityThresholdOptions = {},
): Promise<StabilityThreshold> {
  checkOptions("stabilityThreshold", options, OPTIONS);
  const { batchSize = 1, replacement = false, tolerance = 1e-6, maxIterations = 500, signal } = options;
  const { residuals, residualTolerance = 1e-2 } = options;
  checkLimit({ tolerance, residualTolerance });
  checkPositiveInteger({ maxIterations });
  const basis = eigenbasis(J);
  const { n } = basis;
  const p = batchNoiseShare(n, { batchSize, replacement });
  if (residuals) checkResiduals(residuals, n);
  if (basis.rank === 0) return flat(n);
  const { operator, start, forms } = packedOperator(basis, p);
  const leading = await spectralRadius(operator, { start, tolerance, maxSteps: maxIterations, signal });
  const { radius: nu, vector, steps, converged } = leading;
  operator.apply(vector, new Float64Array(vector.length));
  const total = forms.reduce((sum, value) => sum + value, 0);
  const size = residuals ? residuals.reduce((sum, value) => sum + Math.abs(value), 0) / n : 0;
  return {
    learningRate: 1 / nu,
    ...bounds(basis, p),
    mode: forms.map((value) => value / total),
    iterations: steps,
    converged,
    ...(size > residualTolerance && {
      warning: `not a global minimum: the mean absolute residual is ${size}, above ${residualTolerance}`,
    }),
  };
}

/**
 * Whether a global minimum is linearly stable for SGD at a learning rate: E|delta_t|^2 stays bounded iff eta <= eta*.
 *
 * @throws ArgumentError unless the learning rate is finite and > 0; what `stabilityThreshold` throws
 * @throws ConvergenceError when eta* is not known accurately enough to decide
 */
export async function isLinearlyStable(
  J: Jacobian,
  learningRate: number,
  options: StabilityThresholdOptions = {},
): Promise<boolean> {
  checkOptions("isLinearlyStable", options, OPTIONS);
  checkPositive({ learningRate });
  const { learningRate: threshold, lowerBound, converged, iterations } = await stabilityThreshold(J, options);
  if (!converged && learningRate > lowerBound && learningRate <= threshold)
    throw new ConvergenceError(
      `the threshold lies between ${lowerBound} and ${threshold} after ${iterations} iterations, which does not decide the learning rate ${learningRate}`,
    );
  return learningRate <= threshold;
}
