import { ConvergenceError } from "../../check/errors.ts";
import { pacer } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import { isLater, proxResidual } from "./inner-step.ts";
import { checkBounded } from "./oracle.ts";
import { projected } from "./problem.ts";

/** A smooth function over a convex set, by its gradient. */
export interface LowerSubproblem {
  gradient(y: Float64Array, out: Float64Array): MaybePromise<Float64Array>;
  readonly project: ((y: Float64Array) => Float64Array) | undefined;
  readonly start: Float64Array;
  /** On the prox residual. */
  readonly tolerance: number;
  /** Whether it is a share of the gradient's scale where that is below 1, and never below rounding. */
  readonly relative: boolean;
  readonly maxIterations: number;
  readonly signal: AbortSignal | undefined;
}

/** Where a subproblem was left. */
export interface LowerSolution {
  readonly y: Float64Array;
  readonly residual: number;
  /** That of the start. */
  readonly firstResidual: number;
  readonly iterations: number;
  readonly converged: boolean;
}

const ROUNDING = 1e-14;
const SECANT = 1e-4;
/** How many times as long as the start is from 0, or as a move that was tried, the first step may be. */
const FIRST_STEP = 100;
/** No move that is tried is longer, relative to 1 and the start. */
const LONGEST = 1e9;
/** What rounding leaves of a gradient, as a share of its scale. */
export const GRADIENT_ROUNDING = 8 * Number.EPSILON;

function distance(a: Float64Array, b: Float64Array): number {
  let square = 0;
  for (let i = 0; i < a.length; i++) square += (a[i] - b[i]) ** 2;
  return Math.sqrt(square);
}

/** A point with its slope, and memory for another one. */
interface Probe {
  readonly y: Float64Array;
  readonly slopeY: Float64Array;
  readonly trial: Float64Array;
  readonly slopeTrial: Float64Array;
  readonly project: LowerSubproblem["project"];
}

/** L from slopes along the direction of descent: at hand, and as far away as the first step may lead. */
async function firstCurvature(
  { y, slopeY, trial, slopeTrial, project }: Probe,
  slope: (at: Float64Array, out: Float64Array) => Promise<void>,
): Promise<number> {
  const size = norm2(slopeY);
  const near = (SECANT * (1 + norm2(y))) / size;
  for (let i = 0; i < y.length; i++) trial[i] = y[i] - near * slopeY[i];
  await slope(trial, slopeTrial);
  let L = distance(slopeTrial, slopeY) / (near * size);
  /** The curvature along a move to `trial`; infinite where the gradient leaves float64's range. */
  const secant = async (moved: number) => {
    try {
      await slope(trial, slopeTrial);
    } catch (error) {
      if (error instanceof ConvergenceError) return Number.POSITIVE_INFINITY;
      throw error;
    }
    return distance(slopeTrial, slopeY) / moved;
  };
  // a step far longer than what was tried rests on the curvature along it
  for (let reach = FIRST_STEP * (1 + norm2(y)); size > reach * L; reach *= FIRST_STEP) {
    for (let i = 0; i < y.length; i++) trial[i] = y[i] - (reach / size) * slopeY[i];
    projected(project, trial);
    const moved = distance(trial, y);
    if (moved < reach / 2 || reach > LONGEST * (1 + norm2(y))) return size / reach;
    L = Math.max(L, await secant(moved));
    // what lies far beyond the minimizer, such as an exponential's growth, says nothing of a step a hundredth as long
    if (L * reach > FIRST_STEP * size) return (FIRST_STEP * size) / reach;
  }
  return L;
}

/**
 * Accelerated projected gradient descent that restarts where its momentum points uphill (O'Donoghue & Candes 2015), by
 * gradients alone: the step is 1/L with an L that grows until ||grad(y+) - grad(w)|| <= L ||y+ - w||.
 */
export async function solveLower(subproblem: LowerSubproblem): Promise<LowerSolution> {
  const { gradient, project, maxIterations, signal } = subproblem;
  const d = subproblem.start.length;
  const [w, next, slopeW, slopeNext, trial] = Array.from({ length: 5 }, () => new Float64Array(d));
  const y = projected(project, subproblem.start.slice());
  async function slope(at: Float64Array, out: Float64Array): Promise<void> {
    const result = gradient(at, out);
    const values = isLater(result) ? await result : result;
    if (values !== out) out.set(values);
  }
  await slope(y, slopeW);
  const size = norm2(slopeW);
  if (size === 0) return { y, residual: 0, firstResidual: 0, iterations: 0, converged: true };
  let L = await firstCurvature({ y, slopeY: slopeW, trial, slopeTrial: slopeNext, project }, slope);
  const fromStart = norm2(y);
  const tolerance = () => {
    if (!subproblem.relative) return subproblem.tolerance;
    const scale = size + L * Math.max(fromStart, norm2(y));
    return Math.max(subproblem.tolerance * Math.min(1, scale), GRADIENT_ROUNDING * scale);
  };
  w.set(y);
  let t = 1;
  // the longer the step, the smaller the residual at a boundary: at most 1, so that it says something
  const residualStep = () => Math.min(1, 1 / L);
  /** Without constraints the slope's length: a difference of points loses it where they are large and it is small. */
  const residualAt = (at: Float64Array, g: Float64Array) =>
    project ? proxResidual(at, g, residualStep(), project, trial) : norm2(g);
  let residual = residualAt(y, slopeW);
  const firstResidual = residual;
  const pace = pacer();
  for (let k = 0; k < maxIterations; k++) {
    if (residual <= tolerance()) return { y, residual, firstResidual, iterations: k, converged: true };
    const turn = pace();
    if (turn) await turn;
    signal?.throwIfAborted();
    for (;;) {
      for (let i = 0; i < d; i++) next[i] = w[i] - slopeW[i] / L;
      projected(project, next);
      await slope(next, slopeNext);
      const moved = distance(next, w);
      const bent = distance(slopeNext, slopeW);
      if (bent <= L * (moved * (1 + ROUNDING) + ROUNDING * (1 + norm2(next)))) break;
      L = Math.max(2 * L, bent / moved);
    }
    residual = residualAt(next, slopeNext);
    for (let i = 0; i < d; i++) trial[i] = next[i] - y[i];
    let along = 0;
    for (let i = 0; i < d; i++) along += (w[i] - next[i]) * trial[i];
    const restart = along > 0;
    const t1 = restart ? 1 : (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const momentum = restart ? 0 : (t - 1) / t1;
    t = t1;
    for (let i = 0; i < d; i++) w[i] = next[i] + momentum * trial[i];
    y.set(next);
    checkBounded("the solution of the lower level", y, fromStart + size / L);
    if (momentum === 0) slopeW.set(slopeNext);
    else await slope(w, slopeW);
  }
  const converged = residual <= tolerance();
  return { y, residual, firstResidual, iterations: maxIterations, converged };
}
