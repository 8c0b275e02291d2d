import { ArgumentError } from "../../check/errors.ts";
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
import { innerStep, isLater, moveCenter, proxResidual } from "./inner-step.ts";
import { checkBounded, countedOracle } from "./oracle.ts";
import { checkPenaltyOptions, type PenaltyOptions, penaltyOptions } from "./penalty-options.ts";
import { type BilevelProblem, type BilevelStart, checkResumed, checkStart } from "./problem.ts";
import { type StepSchedule, scheduleOf } from "./schedule.ts";

export interface SingleLoopOptions extends PenaltyOptions<SingleLoopState> {
  /** eta_k in (0, 1], the weight of the new sample against the corrected memory; 1 has no memory. */
  readonly momentum?: StepSchedule;
}

/** Plain data from which the method continues. */
export interface SingleLoopState
  extends BilevelFigures,
    Pick<GrowthGuard, "scale" | "sum" | "count" | "mean"> {
  x: Float64Array;
  /** Where the penalized and the plain lower problem stand. */
  w: Float64Array;
  u: Float64Array;
  /** Their centers. */
  y: Float64Array;
  z: Float64Array;
  /** The point before. */
  xBefore: Float64Array;
  wBefore: Float64Array;
  uBefore: Float64Array;
  /** Estimates of the directions. */
  Dx: Float64Array;
  Dw: Float64Array;
  Du: Float64Array;
  random: RandomState;
}

/** Memory for the directions at one point. */
const directions = (dx: number, dy: number) => ({
  x: new Float64Array(dx),
  w: new Float64Array(dy),
  u: new Float64Array(dy),
});
type Directions = ReturnType<typeof directions>;

/**
 * The penalty method for bilevel problems, single loop, with momentum: a step each of x, w and u, on directions that
 * STORM estimators D smooth. With one sample s of f and of g at w and of g at u,
 *
 *     d_w = sigma grad_y f(x, w) + grad_y g(x, w),   d_u = grad_y g(x, u),
 *     d_x = grad_x f(x, w) + (grad_x g(x, w) - grad_x g(x, u)) / sigma,
 *     D <- d(p_k; s) + (1 - eta) (D - d(p_{k-1}; s)),                     the same sample and sigma at both points,
 *     w <- P_Y(w - gamma (D_w + (w - y)/rho)),   u <- P_Y(u - gamma (D_u + (u - z)/rho)),
 *     y <- y + b (w - y),   z <- z + b (u - z),   x <- P_X(x - alpha D_x).
 *
 * Twelve gradients per step, six where eta = 1.
 * Source: Kwon, Kwon, Wright & Nowak 2023, arXiv 2309.01753; STORM: Cutkosky & Orabona 2019.
 *
 * @throws ArgumentError when an option, a size or a returned array does not fit, or the same sample gives two gradients
 * @throws ConvergenceError naming the level whose gradient is not finite and the point, or a lower level without bound
 */
export function singleLoopPenalty(
  problem: BilevelProblem,
  start: BilevelStart,
  options: SingleLoopOptions,
): Method<BilevelIterate<SingleLoopState>> {
  checkGivenOptions("singleLoopPenalty", options, ["momentum", ...penaltyOptions]);
  const { sigma, momentum = 1, resume, signal } = options;
  const sigmaAt = scheduleOf("sigma", sigma);
  const { stepSizeAt, innerStepSizeAt, inverseProx, averaging, seed, stepsPerIterate, tolerance } =
    checkPenaltyOptions(options);
  const momentumAt = scheduleOf("momentum", momentum, 1);
  const { x0, y0, z0 } = checkStart(problem, start);
  checkResumed(problem, resume);
  const { dimensionX: dx, dimensionY: dy, projectX, projectY, stochastic = false } = problem;
  const stream = resume ? randomStreamFrom(resume.state.random) : randomStream(seed);
  const oracle = countedOracle(problem, resume?.state.calls, resume?.state.products);
  const draw = (): number | undefined => (stochastic ? stream.uint32() : undefined);
  const [here, there] = [directions(dx, dy), directions(dx, dy)];
  const [bx, cx, trial] = [new Float64Array(dx), new Float64Array(dx), new Float64Array(dx)];
  const [by, before] = [new Float64Array(dy), new Float64Array(dy)];

  async function evaluate(
    out: Directions,
    [x, w, u]: readonly [Float64Array, Float64Array, Float64Array],
    [zeta, xi, other]: readonly (number | undefined)[],
    sigma: number,
  ): Promise<void> {
    const fw = oracle.upperY(x, w, out.w, zeta);
    const fy = isLater(fw) ? await fw : fw;
    const gw = oracle.lowerY(x, w, by, xi);
    const gy = isLater(gw) ? await gw : gw;
    for (let i = 0; i < dy; i++) out.w[i] = sigma * fy[i] + gy[i];
    const gu = oracle.lowerY(x, u, out.u, other);
    const du = isLater(gu) ? await gu : gu;
    if (du !== out.u) out.u.set(du);
    const fx = oracle.upperX(x, w, out.x, zeta);
    const a = isLater(fx) ? await fx : fx;
    const gxw = oracle.lowerX(x, w, bx, xi);
    const b = isLater(gxw) ? await gxw : gxw;
    const gxu = oracle.lowerX(x, u, cx, other);
    const c = isLater(gxu) ? await gxu : gxu;
    for (let i = 0; i < dx; i++) out.x[i] = a[i] + (b[i] - c[i]) / sigma;
  }

  /** D <- new + keep (D - old). */
  function smooth(D: Float64Array, fresh: Float64Array, old: Float64Array, keep: number): void {
    for (let i = 0; i < D.length; i++) D[i] = fresh[i] + keep * (D[i] - old[i]);
  }

  async function checkSamples(): Promise<void> {
    const sample = 1;
    const first = Float64Array.from(await oracle.lowerY(x0, y0, by, sample));
    const second = await oracle.lowerY(x0, y0, by, sample);
    if (first.some((value, i) => value !== second[i]))
      throw new ArgumentError(
        "the stochastic gradient of the lower level must be the same for the same sample and point: momentum evaluates a sample at two points",
      );
    oracle.calls = 0;
  }

  const stepper: InPlaceStepper<SingleLoopState, BilevelView, BilevelPoints> = {
    async start() {
      if (stochastic) await checkSamples();
      return {
        ...freshFigures(),
        ...freshGuard(),
        x: x0,
        w: y0,
        u: z0,
        y: y0.slice(),
        z: z0.slice(),
        xBefore: x0.slice(),
        wBefore: y0.slice(),
        uBefore: z0.slice(),
        Dx: new Float64Array(dx),
        Dw: new Float64Array(dy),
        Du: new Float64Array(dy),
        random: stream.state,
      };
    },
    async advance(work, iteration) {
      const { x, w, u, y, z, xBefore, wBefore, uBefore, Dx, Dw, Du } = work;
      for (let k = iteration * stepsPerIterate; k < (iteration + 1) * stepsPerIterate; k++) {
        const sigma = sigmaAt(k);
        const step = stepSizeAt(k) * work.scale;
        const innerStepSize = innerStepSizeAt(k);
        const keep = k === 0 ? 0 : 1 - momentumAt(k);
        const samples = [draw(), draw(), draw()];
        await evaluate(here, [x, w, u], samples, sigma);
        if (keep > 0) await evaluate(there, [xBefore, wBefore, uBefore], samples, sigma);
        smooth(Dx, here.x, there.x, keep);
        smooth(Dw, here.w, there.w, keep);
        smooth(Du, here.u, there.u, keep);
        work.sigma = sigma;
        work.stationarity = proxResidual(x, Dx, step, projectX, trial);
        watch(work, norm2(Dx));
        xBefore.set(x);
        wBefore.set(w);
        uBefore.set(u);
        const plan = { inverseProx, step: innerStepSize };
        work.innerResidual = Math.max(
          innerStep(w, { weight: 0, b: Dw }, { ...plan, center: y }, projectY, before),
          innerStep(u, { weight: 0, b: Du }, { ...plan, center: z }, projectY, before),
        );
        moveCenter(y, w, averaging);
        moveCenter(z, u, averaging);
        work.converged =
          tolerance > 0 && work.stationarity <= tolerance && work.innerResidual <= sigma * tolerance;
        if (work.converged) break;
        x.set(trial);
      }
      checkBounded("y, the penalized solution,", w);
      checkBounded("z, the lower level's solution,", u);
      work.calls = oracle.calls;
      work.random = stream.state;
    },
    view: viewOf,
    lazy: { x: ({ x }) => x.slice(), y: ({ w }) => w.slice(), z: ({ u }) => u.slice() },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
