import { ConvergenceError } from "../../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { checkPoint, whenReady } from "../../objectives/objective.ts";
import { portableLog } from "../../random/elementary.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";
import { type BatchObjective, evaluator, gradientSource } from "./batch-objective.ts";
import { type Coordinates, coordinates } from "./particles.ts";
import { checkRule, ruleAt, type StepRule } from "./step-rule.ts";

export interface LangevinOptions extends MethodOptions<LangevinState> {
  /** dt > 0. */
  readonly timeStep?: number;
  /** eta >= 0 of the drift -eta dt grad E. */
  readonly learningRate?: number;
  /** s_k >= 0 of the noise, or a rule that gives it by the number k of the step, from 1; 0 is gradient descent. */
  readonly noise: StepRule;
  /** h > 0 of the central differences, absolute, in the units of x, where the objective has no gradient: 1e-5. */
  readonly differenceStep?: number;
  /** Independent runs, side by side. */
  readonly runs?: number;
  readonly seed?: number;
}

/** Plain data from which Langevin dynamics continue; M runs in R^d. */
export interface LangevinState {
  /** M x d. */
  readonly x: Float64Array;
  evaluations: number;
  gradients: number;
  readonly randoms: readonly RandomState[];
}

/** What an iterate of Langevin dynamics shows at once. */
export interface LangevinView {
  /** Points of which values were asked for, by central differences. */
  readonly evaluations: number;
  /** Gradients taken from the objective. */
  readonly gradients: number;
}

/** An iterate of Langevin dynamics. */
export type LangevinIterate = Iterate<LangevinState> &
  LangevinView & { /** M x d. */ readonly x: Float64Array };

/** The noise s / ln(k + 1) of annealed Langevin dynamics in step k = 1, 2, ... (Chiang, Hwang & Sheu 1987). */
export function annealedNoise(scale: number): (step: number) => number {
  checkNonNegative({ scale });
  return (step) => scale / portableLog(step + 1);
}

/**
 * Langevin dynamics by the Euler-Maruyama scheme
 *
 *     x_k = x_(k-1) - eta dt grad E(x_(k-1)) + s_k sqrt(dt) Z_k,   Z_k ~ N(0, I),   k = 1, 2, ...
 *
 * with the objective's gradient or central differences. Noise 0 is gradient descent with steps eta dt.
 *
 * @param x0 d numbers, or one number for all coordinates
 * @throws ArgumentError when an option is out of bounds or unknown, or a rule gives a number that is
 * @throws ConvergenceError when a gradient or the point is not finite
 * @throws the signal's reason when `signal` is aborted
 */
export function langevinDynamics(
  objective: BatchObjective,
  x0: Coordinates,
  options: LangevinOptions,
): Method<LangevinIterate> {
  checkGivenOptions("langevinDynamics", options, [
    "timeStep",
    "learningRate",
    "noise",
    "differenceStep",
    "runs",
    "seed",
    "resume",
    "signal",
  ]);
  const { timeStep = 0.001, learningRate = 1, noise, differenceStep = 1e-5, runs = 1, seed = 0 } = options;
  const { resume, signal } = options;
  const evaluate = evaluator(objective);
  const { dimension: d } = objective;
  checkPositive({ timeStep, differenceStep });
  checkNonNegative({ learningRate });
  checkRule("noise", noise);
  checkPositiveInteger({ runs });
  const start = coordinates("x0", x0, d);
  checkPoint(start, d, "x0");
  const slopes = gradientSource(objective, evaluate, differenceStep);
  checkMethodOptions(options, { x: runs * d, randoms: runs });
  const streams = resume
    ? resume.state.randoms.map(randomStreamFrom)
    : Array.from({ length: runs }, (_, m) => randomStream(seed).split(m));
  const draws = new Float64Array(runs * d);

  function move(work: LangevinState, gradients: Float64Array, step: number): void {
    const scale = ruleAt("noise", noise, step, "non-negative");
    if (scale > 0)
      for (let m = 0; m < runs; m++) streams[m].fillNormalZiggurat(draws.subarray(m * d, (m + 1) * d));
    const scatter = scale * Math.sqrt(timeStep);
    let sum = 0;
    for (let k = 0; k < draws.length; k++) {
      work.x[k] += scatter * draws[k] - learningRate * timeStep * gradients[k];
      sum += Math.abs(work.x[k]);
    }
    if (!(sum < Number.POSITIVE_INFINITY))
      throw new ConvergenceError(
        `Langevin dynamics diverged at step ${step}; use a time step smaller than ${timeStep}`,
      );
  }

  const stepper: InPlaceStepper<LangevinState, LangevinView, { x: Float64Array }> = {
    start: () => ({
      x: Float64Array.from({ length: runs * d }, (_, k) => start[k % d]),
      evaluations: 0,
      gradients: 0,
      randoms: [],
    }),
    advance(work, iteration) {
      work.evaluations += slopes.evaluationsPerPoint * runs;
      if (slopes.evaluationsPerPoint === 0) work.gradients += runs;
      return whenReady(slopes.at(work.x, iteration), (gradients) => move(work, gradients, iteration + 1));
    },
    view: ({ evaluations, gradients }) => ({ evaluations, gradients }),
    lazy: { x: (work) => work.x.slice() },
    copy: (work) => ({ ...work, x: work.x.slice(), randoms: streams.map((stream) => stream.state) }),
  };
  return iteratesInPlace(stepper, { resume, signal });
}
