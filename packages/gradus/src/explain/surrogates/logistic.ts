import { syrk } from "@gradus/blas/dense";
import { choleskySolve } from "../../linalg/factorize/cholesky.ts";
import { choleskyInPlace } from "../../linalg/factorize/cholesky-in-place.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { Pause } from "../pauses.ts";

/** What a surrogate minimizes. */
export type SurrogateLoss = "squaredError" | "gradientMatching" | "crossEntropy";

/** g(xi) = sigma(w . xi + b). */
export interface LogisticFit {
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly loss: number;
  readonly converged: boolean;
}

/** What a logistic fit is asked. */
export interface LogisticProblem {
  readonly loss: SurrogateLoss;
  /** N x d. */
  readonly xi: DenseMatrix;
  /** pi, summing to 1. */
  readonly weights: Float64Array;
  /** f in (0, 1) of each perturbation. */
  readonly y: Float64Array;
  /** df/dxi of each, N x d; needed to match gradients. */
  readonly gradients?: Float64Array;
  readonly intercept: boolean;
}

const MOST_ITERATIONS = 200;
const DECREASE = 1e-12;
const sigmoid = (z: number) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : 1 - 1 / (1 + Math.exp(z)));

/** w . xi_k + b of every perturbation. */
function margins(
  { values, rows: count, columns: d }: DenseMatrix,
  theta: Float64Array,
): Float64Array<ArrayBuffer> {
  const z = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    let sum = theta[d];
    for (let j = 0; j < d; j++) sum += theta[j] * values[k * d + j];
    z[k] = sum;
  }
  return z;
}

/** The weighted mean loss at theta = (w, b). */
function lossAt({ loss, xi, weights: pi, y, gradients }: LogisticProblem, theta: Float64Array): number {
  const d = xi.columns;
  const z = margins(xi, theta);
  let sum = 0;
  for (let k = 0; k < z.length; k++) {
    const s = sigmoid(z[k]);
    if (loss === "squaredError") sum += pi[k] * (s - y[k]) ** 2;
    else if (loss === "crossEntropy") {
      // ln(1 + e^z) - y z, less its value at g = f, so that it is 0 there
      const softplus = Math.max(z[k], 0) + Math.log1p(Math.exp(-Math.abs(z[k])));
      const entropy = -y[k] * Math.log(y[k]) - (1 - y[k]) * Math.log1p(-y[k]);
      sum += pi[k] * (softplus - y[k] * z[k] - entropy);
    } else if (gradients) {
      const slope = s * (1 - s);
      for (let j = 0; j < d; j++) sum += pi[k] * (slope * theta[j] - gradients[k * d + j]) ** 2;
    }
  }
  return Math.max(0, sum);
}

/** Half the gradient of a sum of squares, or the gradient of cross-entropy, and the Gauss-Newton matrix of the same. */
interface Model {
  readonly slope: Float64Array;
  /** (d + 1) x (d + 1); the lower triangle is filled. */
  readonly matrix: Float64Array;
}

function modelAt({ loss, xi, weights: pi, y, gradients }: LogisticProblem, theta: Float64Array): Model {
  const { rows: count, columns: d, values } = xi;
  const n = d + 1;
  const z = margins(xi, theta);
  const slope = new Float64Array(n);
  const rows = new Float64Array(count * n);
  const matching = loss === "gradientMatching";
  let squared = 0;
  for (let j = 0; j < d; j++) squared += theta[j] ** 2;
  let [first, cross] = [0, 0];
  const mixed = new Float64Array(n);
  for (let k = 0; k < count; k++) {
    const s = sigmoid(z[k]);
    const s1 = s * (1 - s);
    const s2 = s1 * (1 - 2 * s);
    let [pull, curvature] = [0, 0];
    if (matching && gradients) {
      // r = s1 w - D, dr/dw = s1 I + s2 w xi^T, dr/db = s2 w
      let along = 0;
      for (let j = 0; j < d; j++) {
        const r = s1 * theta[j] - gradients[k * d + j];
        along += r * theta[j];
        slope[j] += pi[k] * s1 * r;
      }
      pull = pi[k] * s2 * along;
      curvature = pi[k] * s2 * s2 * squared;
      first += pi[k] * s1 * s1;
      cross = pi[k] * s1 * s2;
      for (let j = 0; j < d; j++) mixed[j] += cross * values[k * d + j];
      mixed[d] += cross;
    } else if (loss === "squaredError") {
      pull = pi[k] * s1 * (s - y[k]);
      curvature = pi[k] * s1 * s1;
    } else {
      pull = pi[k] * (s - y[k]);
      curvature = pi[k] * s1;
    }
    const root = Math.sqrt(curvature);
    for (let j = 0; j < d; j++) {
      slope[j] += pull * values[k * d + j];
      rows[k * n + j] = root * values[k * d + j];
    }
    slope[d] += pull;
    rows[k * n + d] = root;
  }
  const matrix = syrk({ a: { rows: count, columns: n, values: rows }, transpose: true }).values;
  if (matching)
    for (let a = 0; a < n; a++)
      for (let b = 0; b <= a; b++) {
        const [wa, wb] = [a < d ? theta[a] : 0, b < d ? theta[b] : 0];
        matrix[a * n + b] += wa * mixed[b] + mixed[a] * wb + (a === b && a < d ? first : 0);
      }
  return { slope, matrix };
}

/** (H + damping diag H) step = -slope over the first `size` parameters; undefined where H is not positive definite. */
function dampedStep({ slope, matrix }: Model, damping: number, size: number): Float64Array | undefined {
  const n = slope.length;
  const scale = Float64Array.from({ length: size }, (_, a) => Math.sqrt(matrix[a * n + a]) || 1);
  const factor = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < a; b++) factor[a * size + b] = matrix[a * n + b] / (scale[a] * scale[b]);
    factor[a * size + a] = 1 + damping;
  }
  if (choleskyInPlace(factor, size) < size) return undefined;
  const right = Float64Array.from(scale, (length, a) => -slope[a] / length);
  const scaled = choleskySolve({ L: { rows: size, columns: size, values: factor } }, right);
  const step = new Float64Array(n);
  for (let a = 0; a < size; a++) step[a] = scaled[a] / scale[a];
  return step;
}

/**
 * The logistic surrogate by the Levenberg-Marquardt method on (w, b), from the better of the given starts: residuals
 * sigma - y, sigma (1 - sigma) w - df/dxi, or the curvature of cross-entropy. It has converged when a step decreases the
 * loss by a share below 1e-12.
 */
export async function fitLogistic(
  problem: LogisticProblem,
  starts: readonly Float64Array[],
  pause: Pause,
): Promise<LogisticFit> {
  const d = problem.xi.columns;
  const size = problem.intercept ? d + 1 : d;
  let [theta, loss] = [starts[0], Number.POSITIVE_INFINITY];
  for (const start of starts) {
    const value = lossAt(problem, start);
    if (value < loss) [theta, loss] = [start, value];
  }
  let [damping, growth, converged] = [1e-3, 2, false];
  for (let iteration = 0; iteration < MOST_ITERATIONS && !converged; iteration++) {
    await pause();
    const model = modelAt(problem, theta);
    let taken = false;
    while (!taken && !converged) {
      const step = dampedStep(model, damping, size);
      const next = step && theta.map((value, a) => value + step[a]);
      const value = next ? lossAt(problem, next) : Number.POSITIVE_INFINITY;
      if (next && value < loss) {
        converged = loss - value <= DECREASE * loss || value === 0;
        [theta, loss, taken] = [next, value, true];
        [damping, growth] = [Math.max(damping / 3, 1e-15), 2];
      } else {
        [damping, growth] = [damping * growth, growth * 2];
        // no step decreases the loss in floating point
        if (damping > 1e15) converged = true;
      }
    }
  }
  return { weights: theta.slice(0, d), intercept: theta[d], loss, converged };
}
