import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import {
  type BilevelFigures,
  type BilevelIterate,
  type BilevelPoints,
  type BilevelView,
  freshFigures,
  viewOf,
} from "./contract.ts";
import { innerStep, isLater, proxResidual } from "./inner-step.ts";
import { checkBounded, countedOracle } from "./oracle.ts";
import { type BilevelProblem, type BilevelStart, checkResumed, checkStart } from "./problem.ts";
import { type StepSchedule, scheduleOf } from "./schedule.ts";

export interface ValueFunctionPenaltyOptions extends MethodOptions<ValueFunctionPenaltyState> {
  /** sigma_k > 0; 1/sigma is the weight of g(x, y) - min g(x, .). */
  readonly sigma: StepSchedule;
  /** Of x and y together. */
  readonly stepSize: StepSchedule;
  /** Of z. */
  readonly innerStepSize: StepSchedule;
  /** Steps of z before a joint step. */
  readonly innerSteps?: number;
  /** Ends when the joint stationarity and the inner residual are at most this; 0: never. */
  readonly tolerance?: number;
}

/** Plain data from which the method continues. */
export interface ValueFunctionPenaltyState extends BilevelFigures {
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
}

/**
 * Value-function-based penalized gradient descent (V-PBGD), a baseline: steps of z on g(x, .), then one joint step of x and
 * y on  f(x, y) + (g(x, y) - g(x, z)) / sigma.
 * Source: Shen & Chen 2023, "On penalty-based bilevel gradient descent method", Algorithm 1.
 *
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming the level whose gradient is not finite and the point, or a lower level without bound
 */
export function valueFunctionPenalty(
  problem: BilevelProblem,
  start: BilevelStart,
  options: ValueFunctionPenaltyOptions,
): Method<BilevelIterate<ValueFunctionPenaltyState>> {
  checkGivenOptions("valueFunctionPenalty", options, [
    "sigma",
    "stepSize",
    "innerStepSize",
    "innerSteps",
    "tolerance",
    "resume",
    "signal",
  ]);
  const { innerSteps = 1, tolerance = 0, resume, signal } = options;
  const sigmaAt = scheduleOf("sigma", options.sigma);
  const stepSizeAt = scheduleOf("stepSize", options.stepSize);
  const innerStepSizeAt = scheduleOf("innerStepSize", options.innerStepSize);
  checkPositiveInteger({ innerSteps });
  checkNonNegative({ tolerance });
  if (problem.stochastic)
    throw new ArgumentError("stochastic must be false: this method takes exact gradients");
  const { x0, y0, z0 } = checkStart(problem, start);
  checkResumed(problem, resume);
  const { dimensionX: dx, dimensionY: dy, projectX, projectY } = problem;
  const oracle = countedOracle(problem, resume?.state.calls);
  const [fx, gx, gz, trial] = Array.from({ length: 4 }, () => new Float64Array(dx));
  const [fy, gy, before] = Array.from({ length: 3 }, () => new Float64Array(dy));
  const stepper: InPlaceStepper<ValueFunctionPenaltyState, BilevelView, BilevelPoints> = {
    start: () => ({ ...freshFigures(), x: x0, y: y0, z: z0 }),
    async advance(work, iteration) {
      const { x, y, z } = work;
      const sigma = sigmaAt(iteration);
      const step = stepSizeAt(iteration);
      const around = { center: z, inverseProx: 0, step: innerStepSizeAt(iteration) };
      for (let t = 0; t < innerSteps; t++) {
        const g = oracle.lowerY(x, z, gy);
        const b = isLater(g) ? await g : g;
        work.innerResidual = innerStep(z, { weight: 0, b }, around, projectY, before);
      }
      const upperX = oracle.upperX(x, y, fx);
      const a = isLater(upperX) ? await upperX : upperX;
      const lowerX = oracle.lowerX(x, y, gx);
      const b = isLater(lowerX) ? await lowerX : lowerX;
      const plainX = oracle.lowerX(x, z, gz);
      const c = isLater(plainX) ? await plainX : plainX;
      const upperY = oracle.upperY(x, y, fy);
      const d = isLater(upperY) ? await upperY : upperY;
      const lowerY = oracle.lowerY(x, y, gy);
      const e = isLater(lowerY) ? await lowerY : lowerY;
      const G = Float64Array.from(a, (value, i) => value + (b[i] - c[i]) / sigma);
      const H = Float64Array.from(d, (value, i) => value + e[i] / sigma);
      const ofX = proxResidual(x, G, step, projectX, trial);
      const jointly = { center: y, inverseProx: 0, step };
      const ofY = innerStep(y, { weight: 0, b: H }, jointly, projectY, before);
      x.set(trial);
      checkBounded("y", y);
      checkBounded("z, the lower level's solution,", z);
      work.sigma = sigma;
      work.stationarity = Math.hypot(ofX, ofY);
      work.converged = tolerance > 0 && Math.max(work.stationarity, work.innerResidual) <= tolerance;
      work.calls = oracle.calls;
    },
    view: viewOf,
    lazy: { x: ({ x }) => x.slice(), y: ({ y }) => y.slice(), z: ({ z }) => z.slice() },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
