import { checkFiniteVector } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../check/options.ts";
import type { KernelPath } from "./kernel-path.ts";

const MOST_STEPS = 1_000_000;
/** Ratio of neighboring numbers of steps on the grid where a rule compares values. */
const RATIO = 1.02;

/**
 * Numbers of steps 1, 2, ..., each at least `ratio` times the last, up to and including `maxSteps`: every integer at first,
 * then a geometric grid.
 *
 * @throws ArgumentError unless maxSteps is a positive integer and ratio a finite number > 1
 */
export function stepGrid(maxSteps: number, ratio = RATIO): number[] {
  checkPositiveInteger({ maxSteps });
  if (!(ratio > 1 && ratio < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`ratio must be a finite number > 1, got ${ratio}`);
  const grid: number[] = [];
  for (let steps = 1; steps < maxSteps; steps = Math.max(steps + 1, Math.floor(steps * ratio)))
    grid.push(steps);
  grid.push(maxSteps);
  return grid;
}

/** The first number of steps in 1 .. maxSteps from which a condition holds, or maxSteps + 1. */
function firstFrom(maxSteps: number, holds: (steps: number) => boolean): number {
  if (!holds(maxSteps)) return maxSteps + 1;
  let [low, high] = [0, maxSteps];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** What `localComplexityStop` takes. */
export interface LocalComplexityOptions {
  /** sigma >= 0, the standard deviation of the noise of one output; 0 does not stop. */
  readonly noise: number;
  /** eta. */
  readonly learningRate: number;
  readonly maxSteps?: number;
}

/**
 * The number of steps by the rule of the localized complexity: the last k before the noise dominates,
 *
 *     k = min { s >= 1 : R(1 / sqrt(eta s)) > 1 / (2 e sigma eta s) } - 1,    R(r)^2 = (1/N) sum_i min(lambda_i, r^2),
 *
 * with the eigenvalues lambda_i of K/N. The bound behind it holds for noise of one level that is sub-Gaussian; the step that
 * it gives is early, as it is safe for every function of unit norm.
 * Source: Raskutti, Wainwright & Yu 2014, "Early stopping and non-parametric regression", equation 6.
 *
 * @param eigenvalues of K/N, all N of them
 * @returns a number of steps from 0 to maxSteps
 * @throws ArgumentError when noise is negative, the learning rate is not positive, or there are no eigenvalues
 * @throws DataError when an eigenvalue is negative or not finite
 */
export function localComplexityStop(eigenvalues: Float64Array, options: LocalComplexityOptions): number {
  checkGivenOptions("localComplexityStop", options, ["noise", "learningRate", "maxSteps"]);
  const { noise, learningRate, maxSteps = MOST_STEPS } = options;
  checkNonNegative({ noise });
  checkPositive({ learningRate });
  checkPositiveInteger({ maxSteps });
  const n = eigenvalues.length;
  if (n === 0) throw new ArgumentError("eigenvalues must have at least one number, got none");
  checkFiniteVector("eigenvalues", eigenvalues);
  const negative = eigenvalues.findIndex((value) => value < 0);
  if (negative >= 0)
    throw new DataError(`eigenvalues must be >= 0, got ${eigenvalues[negative]} at index ${negative}`);
  const exceeds = (steps: number) => {
    const time = learningRate * steps;
    let sum = 0;
    for (const value of eigenvalues) sum += Math.min(value, 1 / time);
    return Math.sqrt(sum / n) * 2 * Math.E * noise * time > 1;
  };
  return firstFrom(maxSteps, exceeds) - 1;
}

/** A number of steps that minimizes an estimate of the risk, and the estimate there. */
export interface RiskStop {
  readonly steps: number;
  readonly risk: number;
}

/** Options of the rules that search over numbers of steps. */
export interface StopSearchOptions {
  /** sigma >= 0, the standard deviation of the noise of one output. */
  readonly noise: number;
  readonly maxSteps?: number;
}

/**
 * The number of steps that minimizes Stein's unbiased estimate of the prediction risk of one output (Mallows' C_p),
 *
 *     |y - f|^2 / (N k) + 2 sigma^2 tr(S) / N,
 *
 * over all integers up to 50 and a grid of ratio 1.02 beyond; 0 steps included.
 * Source: Mallows 1973, "Some comments on C_p"; Stein 1981.
 *
 * @throws ArgumentError when noise is negative or maxSteps is not a positive integer
 */
export function sureStop(path: KernelPath, options: StopSearchOptions): RiskStop {
  checkGivenOptions("sureStop", options, ["noise", "maxSteps"]);
  const { noise, maxSteps = MOST_STEPS } = options;
  checkNonNegative({ noise });
  let best: RiskStop = { steps: 0, risk: path.meanSquaredResidual(0) };
  for (const steps of stepGrid(maxSteps)) {
    const risk =
      path.meanSquaredResidual(steps) + (2 * noise * noise * path.degreesOfFreedom(steps)) / path.samples;
    if (risk < best.risk) best = { steps, risk };
  }
  return best;
}

/**
 * The first number of steps at which the mean square of the residuals falls to the noise's variance (Morozov's discrepancy
 * principle); maxSteps if it does not.
 *
 * @throws ArgumentError when noise is negative or maxSteps is not a positive integer
 */
export function discrepancyStop(path: KernelPath, options: StopSearchOptions): number {
  checkGivenOptions("discrepancyStop", options, ["noise", "maxSteps"]);
  const { noise, maxSteps = MOST_STEPS } = options;
  checkNonNegative({ noise });
  checkPositiveInteger({ maxSteps });
  const meets = (steps: number) => path.meanSquaredResidual(steps) <= noise * noise;
  return meets(0) ? 0 : Math.min(maxSteps, firstFrom(maxSteps, meets));
}

/**
 * An estimate of the noise of one output from the residuals of the smoother that generalized cross-validation chooses among
 * those with at most N/2 degrees of freedom,  sigma^2 = |y - f|^2 / (k (N - tr S)).
 * Source: Wahba 1990, "Spline models for observational data", section 4.9; the cap is ours.
 *
 * @throws ArgumentError when maxSteps is not a positive integer
 */
export function estimateNoise(path: KernelPath, options: { readonly maxSteps?: number } = {}): number {
  checkOptions("estimateNoise", options, ["maxSteps"]);
  const { maxSteps = MOST_STEPS } = options;
  const { samples: n } = path;
  let score = Number.POSITIVE_INFINITY;
  let variance = path.meanSquaredResidual(0);
  for (const steps of stepGrid(maxSteps)) {
    const degrees = path.degreesOfFreedom(steps);
    if (degrees > n / 2) break;
    const residual = path.meanSquaredResidual(steps);
    const left = 1 - degrees / n;
    if (residual / (left * left) < score) {
      score = residual / (left * left);
      variance = residual / left;
    }
  }
  return Math.sqrt(variance);
}
