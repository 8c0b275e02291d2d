import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
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
import { productsOf } from "./explicit-hypergradient.ts";
import { implicitDirection, iterativeDirection } from "./implicit.ts";
import { innerStep, isLater, proxResidual } from "./inner-step.ts";
import { checkBounded, countedOracle } from "./oracle.ts";
import { type BilevelProblem, type BilevelStart, checkResumed, checkStart } from "./problem.ts";
import { type StepSchedule, scheduleOf } from "./schedule.ts";

/** What every method takes that descends on the lower level before a step of x. */
export interface AlternatingDescentOptions extends MethodOptions<LowerDescentState> {
  readonly stepSize: StepSchedule;
  readonly innerStepSize: StepSchedule;
  readonly innerSteps?: number;
  /** Ends when the stationarity and the inner residual are at most this; 0: never. */
  readonly tolerance?: number;
}

export interface HypergradientDescentOptions extends AlternatingDescentOptions {
  /** "aid": implicit differentiation by conjugate residuals; "itd": through the inner steps, in reverse. */
  readonly estimator?: "aid" | "itd";
  /** For "aid": of the linear system, ||residual|| / ||grad_y f||. */
  readonly relativeTolerance?: number;
  /** For "aid": products of a solve. */
  readonly maxProducts?: number;
  /** For "aid": whether a solve starts from the one before. */
  readonly warmStart?: boolean;
}

/** Plain data from which the methods continue. */
export interface LowerDescentState extends BilevelFigures {
  x: Float64Array;
  y: Float64Array;
  /** The last solution of the linear system. */
  v: Float64Array;
}

/** The direction of x at (x, y); `path` has the inner steps. */
type Direction = (
  work: LowerDescentState,
  path: readonly Float64Array[],
  step: number,
) => Promise<Float64Array>;

const shared = ["stepSize", "innerStepSize", "innerSteps", "tolerance", "resume", "signal"] as const;

function lowerDescent(
  problem: BilevelProblem,
  start: BilevelStart,
  options: AlternatingDescentOptions,
  keepsPath: boolean,
  directionOf: (oracle: ReturnType<typeof countedOracle>) => Direction,
): Method<BilevelIterate<LowerDescentState>> {
  const { innerSteps = 10, tolerance = 0, resume, signal } = options;
  const stepSizeAt = scheduleOf("stepSize", options.stepSize);
  const innerStepSizeAt = scheduleOf("innerStepSize", options.innerStepSize);
  checkPositiveInteger({ innerSteps });
  checkNonNegative({ tolerance });
  if (problem.stochastic)
    throw new ArgumentError("stochastic must be false: this method takes exact gradients");
  const { x0, y0 } = checkStart(problem, start);
  checkResumed(problem, resume);
  const { dimensionX, dimensionY, projectX, projectY } = problem;
  const oracle = countedOracle(problem, resume?.state.calls, resume?.state.products);
  const direction = directionOf(oracle);
  const [slope, before] = [new Float64Array(dimensionY), new Float64Array(dimensionY)];
  const trial = new Float64Array(dimensionX);
  const stepper: InPlaceStepper<LowerDescentState, BilevelView, BilevelPoints> = {
    start: () => ({ ...freshFigures(), x: x0, y: y0, v: new Float64Array(dimensionY) }),
    async advance(work, iteration) {
      const { x, y } = work;
      const step = innerStepSizeAt(iteration);
      const plan = { center: y, inverseProx: 0, step };
      const path = keepsPath ? [y.slice()] : [];
      for (let t = 0; t < innerSteps; t++) {
        const g = oracle.lowerY(x, y, slope);
        const b = isLater(g) ? await g : g;
        work.innerResidual = innerStep(y, { weight: 0, b }, plan, projectY, before);
        if (keepsPath) path.push(y.slice());
      }
      checkBounded("y, the lower level's solution,", y);
      const size = stepSizeAt(iteration);
      const G = await direction(work, path, step);
      work.stationarity = proxResidual(x, G, size, projectX, trial);
      work.converged = tolerance > 0 && Math.max(work.stationarity, work.innerResidual) <= tolerance;
      if (!work.converged) x.set(trial);
      work.calls = oracle.calls;
      work.products = oracle.products;
    },
    view: viewOf,
    lazy: { x: ({ x }) => x.slice(), y: ({ y }) => y.slice(), z: ({ y }) => y.slice() },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}

/**
 * Alternating descent, a baseline: y descends on g, then x along grad_x f(x, y) alone, as if y did not depend on x. It ends
 * at a point that solves neither problem.
 *
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming the level whose gradient is not finite and the point, or a lower level without bound
 */
export function alternatingDescent(
  problem: BilevelProblem,
  start: BilevelStart,
  options: AlternatingDescentOptions,
): Method<BilevelIterate<LowerDescentState>> {
  checkGivenOptions("alternatingDescent", options, shared);
  return lowerDescent(problem, start, options, false, (oracle) => {
    const out = new Float64Array(problem.dimensionX);
    return async ({ x, y }) => oracle.upperX(x, y, out);
  });
}

/**
 * Descent along an estimated hypergradient, with second derivatives of the lower level: y makes T gradient steps on g from
 * where it was, then x a step along the estimate. "aid" solves d^2 g/dy^2 v = grad_y f by conjugate residuals (Pedregosa
 * 2016; Ji, Yang & Liang 2021, with conjugate gradients), in the sense of least squares where the Hessian is singular; "itd" differentiates through the T steps (Maclaurin, Duvenaud & Adams 2015).
 *
 * @throws ArgumentError when an option or a size does not fit, the lower level has a projection, or the problem lacks
 * products with second derivatives
 * @throws ConvergenceError naming what is not finite and the point, or a lower level without bound
 */
export function hypergradientDescent(
  problem: BilevelProblem,
  start: BilevelStart,
  options: HypergradientDescentOptions,
): Method<BilevelIterate<LowerDescentState>> {
  checkGivenOptions("hypergradientDescent", options, [
    "estimator",
    "relativeTolerance",
    "maxProducts",
    "warmStart",
    ...shared,
  ]);
  const { estimator = "aid", relativeTolerance = 1e-6, maxProducts = 20, warmStart = false } = options;
  checkOneOf(["aid", "itd"], { estimator });
  checkWithin("(0, 1)", { relativeTolerance });
  checkPositiveInteger({ maxProducts });
  productsOf(problem, estimator);
  if (problem.projectY)
    throw new ArgumentError("projectY must be absent: the hypergradient has no constraints");
  return lowerDescent(problem, start, options, estimator === "itd", (oracle) =>
    estimator === "itd"
      ? ({ x }, path, step) => iterativeDirection(problem, oracle, x, path, step)
      : async (work) => {
          const plan = { relativeTolerance, maxProducts, start: warmStart ? work.v : undefined };
          const { gradient, v } = await implicitDirection(problem, oracle, work.x, work.y, plan);
          work.v = v;
          return gradient;
        },
  );
}
