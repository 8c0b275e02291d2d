import { checkAtLeast, checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { dot } from "../../linalg/vector.ts";
import { checkObjective, type Objective } from "../../objectives/objective.ts";
import {
  adaptedParameterIterates,
  type RegularizedIterate,
  type RegularizedOptions,
  regularizedOptions,
} from "../descent/adapted-parameter.ts";
import { type DescentCounts, evaluate } from "../descent/descent.ts";
import type { InnerProduct } from "../descent/metric.ts";
import { isVisible, keptLeast, USUAL_LEAST } from "../descent/parameter-units.ts";
import { type HessianChoice, hessianSource } from "./hessian-source.ts";
import { type RepeatedSolve, repeatedSolve } from "./repeated-solve.ts";

export interface CubicNewtonOptions extends RegularizedOptions {
  readonly hessian?: HessianChoice;
  /** The M tried first: an estimate of the Hessian's Lipschitz constant. */
  readonly coefficient?: number;
  readonly maxProducts?: number;
}

const TRIALS = 31;
const SECULAR_STEPS = 50;
const SECULAR_TOLERANCE = 1e-8;
const PRODUCT_TOLERANCE = 1e-10;

interface CubicStep {
  readonly h: Float64Array;
  readonly length: number;
}

/**
 * The root of  ||(H + (M/2) r B)^-1 g|| = r: doubling brackets it, then the secant of 1/||h(r)|| - 1/r, which is nearly
 * straight, inside the bracket.
 */
async function cubicStep(
  solveAt: RepeatedSolve["solveAt"],
  metric: InnerProduct,
  M: number,
  guess: number,
  counts: DescentCounts,
): Promise<CubicStep | undefined> {
  async function at(r: number): Promise<(CubicStep & { readonly excess: number }) | undefined> {
    counts.solves += 1;
    const h = await solveAt((M / 2) * r);
    if (h === undefined) return undefined;
    const length = metric.norm(h);
    return Number.isFinite(length) ? { h, length, excess: 1 / r - 1 / length } : undefined;
  }

  let low = 0;
  let lowExcess: number | undefined;
  let high = guess;
  let steps = 0;
  let best = await at(high);
  // too long a step (excess > 0), or an indefinite matrix, means that r is below the root
  while (best === undefined || best.excess > SECULAR_TOLERANCE / high) {
    if (++steps > SECULAR_STEPS) return undefined;
    low = high;
    lowExcess = best?.excess;
    high *= 2;
    best = await at(high);
  }
  let highExcess = best.excess;
  for (; steps < SECULAR_STEPS && Math.abs(best.length - high) > SECULAR_TOLERANCE * high; steps++) {
    const secant =
      lowExcess === undefined || lowExcess === highExcess
        ? Number.NaN
        : high - (highExcess * (high - low)) / (highExcess - lowExcess);
    const inside = secant > low + 0.01 * (high - low) && secant < high - 1e-3 * (high - low);
    // ||h(r)|| falls with r, so that the length found above the root lies below it
    const below = lowExcess === undefined && best.length > low ? best.length : (low + high) / 2;
    const r = inside && steps % 3 !== 2 ? secant : below;
    const tried = await at(r);
    if (tried && Math.abs(tried.length - r) <= SECULAR_TOLERANCE * r) return tried;
    if (tried === undefined || tried.excess > 0) {
      low = r;
      lowExcess = tried?.excess;
    } else {
      high = r;
      highExcess = tried.excess;
      best = tried;
    }
  }
  return best;
}

/**
 * Newton's method with cubic regularization and an adaptive coefficient M:
 *
 *     h = argmin  m(h) = g^T h + h^T H h / 2 + (M/6) ||h||^3,   accepted when  f(x + h) <= f(x) + m(h)
 *
 * M is doubled after a rejection and halved after a step. The step solves the secular equation
 * r = ||(H + (M/2) r B)^-1 g||, which takes several linear systems: of up to 500 unknowns, products alone form the matrix
 * once conjugate gradients have spent as many as that takes.
 * Source: Nesterov & Polyak 2006, "Cubic regularization of Newton method and its global performance".
 *
 * @throws ArgumentError when an argument does not fit, the objective has no such Hessian or is not finite at x0
 * @throws DataError when a Hessian is not symmetric or not finite
 */
export function cubicNewton(
  objective: Objective,
  x0: Float64Array,
  options: CubicNewtonOptions = {},
): Method<RegularizedIterate> {
  checkOptions("cubicNewton", options, ["hessian", "coefficient", "maxProducts", ...regularizedOptions]);
  checkObjective(objective);
  const {
    hessian = "exact",
    coefficient = 1,
    maxProducts = Math.max(100, 10 * objective.dimension),
  } = options;
  checkPositive({ coefficient });
  checkAtLeast(1, { maxProducts });
  const source = hessianSource(objective, hessian);
  const n = objective.dimension;
  return adaptedParameterIterates(objective, x0, options, (metric) => ({
    parameter: coefficient,
    maxTrials: TRIALS,
    async model({ x, gradient }) {
      const matrix = await source(x);
      return repeatedSolve(matrix, metric, gradient, { relativeTolerance: PRODUCT_TOLERANCE, maxProducts });
    },
    async attempt({ operator, solveAt, products }, state, M, counts) {
      const { x, value, gradient, gradientNorm } = state;
      const before = products();
      // the root where H = 0
      const guess = Math.sqrt((2 * gradientNorm) / M);
      const step = await cubicStep(solveAt, metric, M, guess, counts);
      const Hh = new Float64Array(n);
      if (step) await operator.apply(step.h, Hh);
      counts.products += products() - before;
      if (step === undefined) return undefined;
      const { h, length } = step;
      const decrease = dot(gradient, h) + dot(h, Hh) / 2 + (M / 6) * length ** 3;
      const trial = x.map((xj, j) => xj + h[j]);
      const landed = await evaluate(objective, trial, counts);
      if (landed === undefined || !(landed.value <= value + decrease)) return undefined;
      const kept = keptLeast(state, (start) => start.gradientNorm ** 3 / start.value ** 2);
      return { x: trial, ...landed, lambda: (M / 2) * length, kept };
    },
    // (2/3) ||g|| r with the root r of where H = 0
    mayGoOn: (state, M) =>
      isVisible((2 / 3) * state.gradientNorm * Math.sqrt((2 * state.gradientNorm) / M), state),
    next: (M, accepted, { least = USUAL_LEAST }) => (accepted ? Math.max(M / 2, least) : 2 * M),
  }));
}
