import { areFinite } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { norm2 } from "../../linalg/vector.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";
import {
  type BilevelFigures,
  type BilevelIterate,
  type BilevelPoints,
  type BilevelView,
  freshFigures,
  viewOf,
} from "./contract.ts";
import { freshGuard, type GrowthGuard, watch } from "./growth-guard.ts";
import { type HalvingSigma, sigmaRule } from "./halving-sigma.ts";
import { innerStep, isLater, moveCenter, proxResidual } from "./inner-step.ts";
import { checkBounded, countedOracle } from "./oracle.ts";
import { checkPenaltyOptions, type PenaltyOptions, penaltyOptions } from "./penalty-options.ts";
import {
  type BilevelProblem,
  type BilevelStart,
  checkResumed,
  checkStart,
  type FusedPenalty,
  type InnerPlan,
} from "./problem.ts";
import type { StepSchedule } from "./schedule.ts";

export interface DoubleLoopOptions extends Omit<PenaltyOptions<DoubleLoopState>, "sigma"> {
  /** sigma_k > 0; or halved whenever the stationarity falls below it, where the problem is not stochastic. */
  readonly sigma: StepSchedule | HalvingSigma;
  /** T, steps on both lower problems before a step of x. */
  readonly innerSteps?: number;
  /** M, samples of a step of x, where the problem is stochastic. */
  readonly batchSize?: number;
}

/** Plain data from which the method continues. */
export interface DoubleLoopState
  extends BilevelFigures,
    Pick<GrowthGuard, "scale" | "sum" | "count" | "mean"> {
  x: Float64Array;
  /** Centers. */
  y: Float64Array;
  z: Float64Array;
  /** Inner solutions. */
  u: Float64Array;
  v: Float64Array;
  random: RandomState;
}

/**
 * The penalty method for bilevel problems, double loop, with gradients of first order alone: minimizes
 * psi_sigma(x) = min_y { f(x, y) + (g(x, y) - min_z g(x, z)) / sigma }. Each step makes T steps from the centers y and z,
 *
 *     u <- P_Y(u - gamma (sigma grad_y f(x, u) + grad_y g(x, u) + (u - y)/rho)),
 *     v <- P_Y(v - gamma (grad_y g(x, v) + (v - z)/rho)),
 *
 * moves the centers by the fraction b, and then x:
 *
 *     x <- P_X(x - alpha G),   G = grad_x f(x, u) + (grad_x g(x, u) - grad_x g(x, v)) / sigma.
 *
 * With sigma = { start, least } it is halved, down to `least`, after every step whose stationarity is below it, and a run
 * converges only with sigma = `least`. Where the problem is stochastic every gradient has a sample of its own and G is the mean of M. If the mean of ||G||
 * over 50 steps grows tenfold, alpha is halved from then on. With rho = Infinity and b = 1 it is F2SA (Kwon, Kwon, Wright
 * & Nowak 2023, "A fully first-order method for stochastic bilevel optimization").
 * Source: Kwon, Kwon, Wright & Nowak 2023, "On penalty methods for nonconvex bilevel optimization and first-order
 * stochastic approximation", arXiv 2309.01753.
 *
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming the level whose gradient is not finite and the point, or a lower level without bound
 */
export function doubleLoopPenalty(
  problem: BilevelProblem,
  start: BilevelStart,
  options: DoubleLoopOptions,
): Method<BilevelIterate<DoubleLoopState>> {
  checkGivenOptions("doubleLoopPenalty", options, ["innerSteps", "batchSize", ...penaltyOptions]);
  const { innerSteps = 10, batchSize = 1, resume, signal } = options;
  checkPositiveInteger({ innerSteps, batchSize });
  const { stepSizeAt, innerStepSizeAt, inverseProx, averaging, seed, stepsPerIterate, tolerance } =
    checkPenaltyOptions(options);
  const { x0, y0, z0 } = checkStart(problem, start);
  checkResumed(problem, resume);
  const { dimensionX: dx, dimensionY: dy, projectX, projectY, stochastic = false, fused } = problem;
  if (batchSize > 1 && !stochastic)
    throw new ArgumentError(`batchSize must be 1 for a problem that is not stochastic, got ${batchSize}`);
  const sigmas = sigmaRule(options.sigma, { tolerance, stochastic });
  const stream = resume ? randomStreamFrom(resume.state.random) : randomStream(seed);
  const oracle = countedOracle(problem, resume?.state.calls, resume?.state.products);
  const draw = (): number | undefined => (stochastic ? stream.uint32() : undefined);
  const [fy, gu, gv, before] = Array.from({ length: 4 }, () => new Float64Array(dy));
  const [fx, gxu, gxv, G, trial] = Array.from({ length: 5 }, () => new Float64Array(dx));
  const inFused = projectY || stochastic ? undefined : fused;

  /** Whether the compiled program found finite numbers; the steps outside it name what is not finite otherwise. */
  async function innerInFused(
    work: DoubleLoopState,
    compiled: FusedPenalty,
    plan: InnerPlan,
  ): Promise<boolean> {
    const { x, y, z } = work;
    const { u, v, residuals } = await compiled.inner(x, y, z, plan);
    if (!areFinite(u) || !areFinite(v)) return false;
    work.u.set(u);
    work.v.set(v);
    oracle.calls += 3 * plan.count;
    work.innerResidual = Math.max(...residuals);
    return true;
  }

  async function inner(work: DoubleLoopState, sigma: number, step: number): Promise<void> {
    const { x, y, z, u, v } = work;
    const plan = { sigma, stepSize: step, inverseProx, count: innerSteps };
    if (!inFused || !(await innerInFused(work, inFused, plan))) {
      u.set(y);
      v.set(z);
      const aroundY = { center: y, inverseProx, step };
      const aroundZ = { center: z, inverseProx, step };
      let [residualU, residualV] = [0, 0];
      for (let t = 0; t < innerSteps; t++) {
        const f = oracle.upperY(x, u, fy, draw());
        const a = isLater(f) ? await f : f;
        const g = oracle.lowerY(x, u, gu, draw());
        const b = isLater(g) ? await g : g;
        residualU = innerStep(u, { a, weight: sigma, b }, aroundY, projectY, before);
        const h = oracle.lowerY(x, v, gv, draw());
        const c = isLater(h) ? await h : h;
        residualV = innerStep(v, { weight: 0, b: c }, aroundZ, projectY, before);
      }
      work.innerResidual = Math.max(residualU, residualV);
    }
    checkBounded("y, the penalized solution,", u);
    checkBounded("z, the lower level's solution,", v);
    moveCenter(y, u, averaging);
    moveCenter(z, v, averaging);
  }

  async function direction({ x, u, v }: DoubleLoopState, sigma: number): Promise<void> {
    if (inFused) {
      G.set(await inFused.outer(x, u, v, sigma));
      if (areFinite(G)) {
        oracle.calls += 3;
        return;
      }
    }
    G.fill(0);
    for (let m = 0; m < batchSize; m++) {
      const f = oracle.upperX(x, u, fx, draw());
      const a = isLater(f) ? await f : f;
      const g = oracle.lowerX(x, u, gxu, draw());
      const b = isLater(g) ? await g : g;
      const h = oracle.lowerX(x, v, gxv, draw());
      const c = isLater(h) ? await h : h;
      for (let i = 0; i < dx; i++) G[i] += (a[i] + (b[i] - c[i]) / sigma) / batchSize;
    }
  }

  const stepper: InPlaceStepper<DoubleLoopState, BilevelView, BilevelPoints> = {
    start: () => ({
      ...freshFigures(),
      ...freshGuard(),
      x: x0,
      y: y0,
      z: z0,
      u: y0.slice(),
      v: z0.slice(),
      random: stream.state,
    }),
    async advance(work, iteration) {
      for (let k = iteration * stepsPerIterate; k < (iteration + 1) * stepsPerIterate; k++) {
        const sigma = sigmas.next(k, work);
        const step = stepSizeAt(k) * work.scale;
        await inner(work, sigma, innerStepSizeAt(k));
        await direction(work, sigma);
        work.sigma = sigma;
        work.stationarity = proxResidual(work.x, G, step, projectX, trial);
        watch(work, norm2(G));
        work.converged =
          tolerance > 0 &&
          work.stationarity <= tolerance &&
          work.innerResidual <= sigma * tolerance &&
          sigmas.isFinal(sigma);
        if (work.converged) break;
        work.x.set(trial);
      }
      work.calls = oracle.calls;
      work.random = stream.state;
    },
    view: viewOf,
    lazy: { x: ({ x }) => x.slice(), y: ({ u }) => u.slice(), z: ({ v }) => v.slice() },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
