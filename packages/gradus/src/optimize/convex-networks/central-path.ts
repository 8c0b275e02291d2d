import { cholesky, choleskySolve, gemv, residentMatrix, syrk } from "@gradus/blas/dense";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { totalLoss } from "./output-loss.ts";
import type { Pieces } from "./pieces.ts";
import type { CheckedProblem } from "./problem.ts";

/** A point near the central path of a program over given directions. */
export interface CentralPoint {
  /** N output weights, none of them exactly 0. */
  readonly alpha: Float64Array;
  /** n numbers nu with  |Phi nu| < beta. */
  readonly nu: Float64Array;
  /** The objective at alpha. */
  readonly objective: number;
  /** The dual value at nu: the program has no lower objective. */
  readonly bound: number;
  /** Newton steps. */
  readonly steps: number;
}

const MOST_STEPS = 80;
/** Where a starting point is brought: |Phi nu| at most this share of beta, y nu this far inside [0, 1]. */
const START = 0.7;
const INSIDE = 0.1;
/** How far a step goes to the nearest bound. */
const TO_BOUND = 0.98;
/** The share of the complementarity that a step aims at, after a long step and after a short one. */
const AIM = 0.15;
const SHORT = 0.5;
const AIM_AFTER_SHORT = 0.5;
/** The share of the difference of primal and dual value that the first multipliers stand for. */
const START_SHARE = 0.3;

/** A pair of bounds  0 < a + c, 0 < b - c  that a quantity c has to keep, with their multipliers. */
interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

const zeros = (length: number) => new Float64Array(length);
const pairOf = (length: number): Bounds => ({ lower: zeros(length), upper: zeros(length) });

/** The longest step, at most 1, after which  value + step change  is a small share of value at least. */
const longest = (value: number, change: number) => (change < 0 ? (-TO_BOUND * value) / change : 1);

/**
 * The program  min over alpha  phi(Phi^T alpha, y) + beta |alpha|_1  by a primal-dual interior-point method on its dual,
 *
 *     max over nu   sum_k -phi*(-nu_k)   subject to   |Phi nu| <= beta   (and 0 <= y nu <= 1 where phi* asks for it),
 *
 * until the relative gap is at most `relativeGap`. Every step solves one system of order min(n, N). Points on the central
 * path keep away from all constraints: as bounds, and to look for further directions, they serve better than vertices.
 *
 * @param features Phi, N x n: the outputs of a unit a row, none negative
 * @param start n numbers, brought into the constraints
 */
export function* centralPoint(
  { y, loss, beta }: CheckedProblem,
  features: DenseMatrix,
  start: Float64Array,
  relativeGap: number,
): Pieces<CentralPoint> {
  const { rows: N, columns: n } = features;
  const boxed = loss.dualDomain === "unit";
  // the entropy of the logistic loss keeps its dual point inside by itself
  const barrier = boxed && loss.dualCurvature(y[0] / 2, y[0]) === 0;
  const Phi = residentMatrix(features);
  try {
    const nu = start.slice();
    if (boxed)
      for (let k = 0; k < n; k++) nu[k] = y[k] * Math.min(1 - INSIDE, Math.max(INSIDE, y[k] * nu[k]));
    const h = gemv({ a: Phi, x: nu });
    const steepest = h.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (steepest > START * beta) {
      const scale = (START * beta) / steepest;
      for (let k = 0; k < n; k++) nu[k] *= scale;
      for (let j = 0; j < N; j++) h[j] *= scale;
    }
    const dualValue = () => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += loss.dual(nu[k], y[k]);
      return sum;
    };

    const constraints = 2 * N + (barrier ? 2 * n : 0);
    const weights = pairOf(N);
    const box = pairOf(barrier ? n : 0);
    const first = totalLoss(loss, zeros(n), y) - dualValue();
    let mu = Math.max(Number.MIN_VALUE, (START_SHARE * first) / constraints);
    for (let j = 0; j < N; j++) {
      weights.upper[j] = mu / (beta - h[j]);
      weights.lower[j] = mu / (beta + h[j]);
    }
    for (let k = 0; k < box.lower.length; k++) {
      box.lower[k] = mu / (y[k] * nu[k]);
      box.upper[k] = mu / (1 - y[k] * nu[k]);
    }

    const [alpha, best, outputs] = [zeros(N), zeros(N), zeros(n)];
    const [weight, pull, right, curvature] = [zeros(N), zeros(N), zeros(n), zeros(n)];
    const weightSteps = pairOf(N);
    const boxSteps = pairOf(box.lower.length);
    let [objective, last, steps] = [Number.POSITIVE_INFINITY, 1, 0];
    for (; ; steps++) {
      let [value, together] = [0, 0];
      for (let j = 0; j < N; j++) {
        alpha[j] = weights.upper[j] - weights.lower[j];
        value += beta * Math.abs(alpha[j]);
        together += weights.upper[j] * (beta - h[j]) + weights.lower[j] * (beta + h[j]);
      }
      for (let k = 0; k < box.lower.length; k++)
        together += box.lower[k] * y[k] * nu[k] + box.upper[k] * (1 - y[k] * nu[k]);
      gemv({ a: Phi, transpose: true, x: alpha, y: outputs });
      value += totalLoss(loss, outputs, y);
      if (value < objective) {
        objective = value;
        best.set(alpha);
      }
      const bound = dualValue();
      if (steps === MOST_STEPS || objective - bound <= relativeGap * objective)
        return { alpha: best, nu, objective, bound, steps };

      mu = ((last < SHORT ? AIM_AFTER_SHORT : AIM) * together) / constraints;
      for (let j = 0; j < N; j++) {
        const [above, below] = [beta - h[j], beta + h[j]];
        weight[j] = weights.upper[j] / above + weights.lower[j] / below;
        pull[j] = mu / above - mu / below;
      }
      gemv({ a: Phi, transpose: true, x: pull, y: right });
      for (let k = 0; k < n; k++) {
        curvature[k] = loss.dualCurvature(nu[k], y[k]);
        right[k] = loss.dualSlope(nu[k], y[k]) - right[k];
        if (!barrier) continue;
        const p = y[k] * nu[k];
        curvature[k] += box.lower[k] / p + box.upper[k] / (1 - p);
        right[k] += y[k] * (mu / p - mu / (1 - p));
      }
      const step = newtonStep(features, Phi, weight, curvature, right);
      // rounding hides the rest
      if (!step) return { alpha: best, nu, objective, bound, steps };
      const change = gemv({ a: Phi, x: step });

      let [dualStep, primalStep] = [1, 1];
      for (let j = 0; j < N; j++) {
        const [above, below] = [beta - h[j], beta + h[j]];
        weightSteps.upper[j] = mu / above + weights.upper[j] * (change[j] / above - 1);
        weightSteps.lower[j] = mu / below - weights.lower[j] * (change[j] / below + 1);
        dualStep = Math.min(dualStep, longest(above, -change[j]), longest(below, change[j]));
        primalStep = Math.min(
          primalStep,
          longest(weights.upper[j], weightSteps.upper[j]),
          longest(weights.lower[j], weightSteps.lower[j]),
        );
      }
      for (let k = 0; boxed && k < n; k++) {
        const [p, moved] = [y[k] * nu[k], y[k] * step[k]];
        dualStep = Math.min(dualStep, longest(p, moved), longest(1 - p, -moved));
        if (!barrier) continue;
        boxSteps.lower[k] = mu / p - box.lower[k] * (moved / p + 1);
        boxSteps.upper[k] = mu / (1 - p) + box.upper[k] * (moved / (1 - p) - 1);
        primalStep = Math.min(
          primalStep,
          longest(box.lower[k], boxSteps.lower[k]),
          longest(box.upper[k], boxSteps.upper[k]),
        );
      }
      last = Math.min(dualStep, primalStep);
      for (let k = 0; k < n; k++) nu[k] += dualStep * step[k];
      for (let j = 0; j < N; j++) h[j] += dualStep * change[j];
      for (const [values, moves] of [
        [weights, weightSteps],
        [box, boxSteps],
      ] as const)
        for (let at = 0; at < values.lower.length; at++) {
          values.lower[at] += primalStep * moves.lower[at];
          values.upper[at] += primalStep * moves.upper[at];
        }
      yield;
    }
  } finally {
    Phi.dispose();
  }
}

/** Solves  A x = b  for a symmetric positive definite A, in place; false where rounding made it singular. */
function solvePositive(A: DenseMatrix, b: Float64Array): boolean {
  const l = residentMatrix(A);
  try {
    if (cholesky({ a: l }) < A.rows) return false;
    choleskySolve({ l, b });
    return b.every(Number.isFinite);
  } finally {
    l.dispose();
  }
}

/** (C + Phi^T W Phi)^-1 b  with diagonal C and W, by the smaller of two systems; undefined where rounding spoils it. */
function newtonStep(
  { rows: N, columns: n, values }: DenseMatrix,
  Phi: ReturnType<typeof residentMatrix>,
  weight: Float64Array,
  curvature: Float64Array,
  b: Float64Array,
): Float64Array | undefined {
  const scaled: DenseMatrix = { rows: N, columns: n, values: values.slice() };
  const s = scaled.values;
  if (n <= N) {
    for (let j = 0, at = 0; j < N; j++) {
      const factor = Math.sqrt(weight[j]);
      for (let k = 0; k < n; k++, at++) s[at] *= factor;
    }
    const matrix = syrk({ a: scaled, transpose: true });
    for (let k = 0; k < n; k++) matrix.values[k * (n + 1)] += curvature[k];
    const x = b.slice();
    return solvePositive(matrix, x) ? x : undefined;
  }
  const factors = curvature.map((value) => 1 / Math.sqrt(value));
  for (let j = 0, at = 0; j < N; j++) for (let k = 0; k < n; k++, at++) s[at] *= factors[k];
  const matrix = syrk({ a: scaled });
  for (let j = 0; j < N; j++) matrix.values[j * (N + 1)] += 1 / weight[j];
  const q = gemv({ a: Phi, x: b.map((value, k) => value / curvature[k]) });
  if (!solvePositive(matrix, q)) return undefined;
  const back = gemv({ a: Phi, transpose: true, x: q });
  return b.map((value, k) => (value - back[k]) / curvature[k]);
}
