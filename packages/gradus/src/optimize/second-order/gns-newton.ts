import { ArgumentError } from "../../check/errors.ts";
import { checkAtLeast, checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { type Objective, whenReady } from "../../objectives/objective.ts";
import {
  adaptedParameterIterates,
  type RegularizedIterate,
  type RegularizedOptions,
  type RegularizedState,
  regularizedOptions,
} from "../descent/adapted-parameter.ts";
import type { DescentCounts } from "../descent/descent.ts";
import { type Acceptance, accepts, checkAcceptance } from "./acceptance.ts";
import { economicalSolves, type IterateSolve, solvesWith } from "./economical-solve.ts";
import { type HessianChoice, hessianSource } from "./hessian-source.ts";
import { tryStep } from "./try-step.ts";

/** Options of the methods that regularize by gamma. */
export interface GammaOptions extends RegularizedOptions {
  /** The gamma tried first; 1 by default. */
  readonly gamma?: number;
  /** false keeps gamma as it is and takes every finite step: safe where gamma <= gamma(x) on the whole path. */
  readonly adaptive?: boolean;
  /** Factor by which gamma grows after a step, > 1; rejections halve it. */
  readonly growth?: number;
  /** The least gamma that a step is tried with first. */
  readonly smallestGamma?: number;
  readonly acceptance?: Acceptance;
  /** Absolute noise of the objective's values, for the hybrid acceptance. */
  readonly valueNoise?: number;
}

export interface GnsNewtonOptions extends GammaOptions {
  /**
   * The matrix H(x). `auto`, the default: the exact Hessian, by products alone while these take fewer operations than
   * forming and factorizing it, where the objective reports its counts (linear models do); `exact` always forms it. By
   * products, gamma begins where lambda is a hundredth of the mean curvature unless it is given.
   */
  readonly hessian?: HessianChoice | "auto";
  /** Products an inner solve may take where H is an operator; 10 n by default, at least 100. */
  readonly maxProducts?: number;
}

const LARGEST_GAMMA = 1e300;
const HALVINGS = 60;

/** The names of the options of methods that regularize by gamma. */
export const gammaOptions = [
  "gamma",
  "adaptive",
  "growth",
  "smallestGamma",
  "acceptance",
  "valueNoise",
  ...regularizedOptions,
] as const;

/** How gamma adapts, with the options checked. */
export function gammaSearch({
  gamma = 1,
  adaptive = true,
  growth = 2,
  smallestGamma = 1e-9,
  acceptance = "hybrid",
  valueNoise = 0,
}: GammaOptions) {
  checkPositive({ gamma, smallestGamma });
  checkBoolean({ adaptive });
  checkAcceptance(acceptance);
  if (!(growth > 1 && growth < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`growth must be a finite number > 1, got ${growth}`);
  checkNonNegative({ valueNoise });
  return {
    parameter: gamma,
    maxTrials: adaptive ? HALVINGS + 1 : 1,
    judge: (trial: Parameters<typeof accepts>[1]) => !adaptive || accepts(acceptance, trial, valueNoise),
    next(current: number, accepted: boolean): number {
      if (!adaptive) return current;
      return accepted ? Math.min(Math.max(growth * current, smallestGamma), LARGEST_GAMMA) : current / 2;
    },
  };
}

/**
 * Newton's method regularized by gradient-normalized smoothness, with exact or approximate Hessians:
 *
 *     lambda = ||g||_* / gamma,   x+ = x - (H + lambda B)^-1 g,
 *     accepted when  f(x) - f(x+) >= ||g(x+)||_*^2 / (8 lambda)
 *
 * A rejection halves gamma, a step doubles it. gamma follows the radius gamma(x) in which the gradient is linear to
 * ||g||_*, so no constant of the problem is needed: the rates of Lipschitz gradients, Hoelder Hessians and third
 * derivatives are attained automatically, and on quasi-self-concordant losses (logistic, softmax, log-sum-exp)
 * convergence is linear, also with a matrix whose error is proportional to the gradient. Needs about two evaluations
 * per step: over K steps  2 K - log2(gamma_next / gamma_0)  trials. A failed factorization and a value or gradient that is not finite
 * are rejections. Where H is an operator, conjugate gradients, preconditioned by its diagonal where that is known, solve to
 * the relative residual min(0.1, sqrt(||g||_*)); `auto` ends them earlier, at a residual r of min(0.3, half the last
 * step's reduction of ||g||_*), and judges the step by lambda + ||r||_* / ||h|| in place of lambda: an inexact step is the
 * exact one of a Hessian that differs by so much.
 * With `hessian: "gaussNewton"` it is Levenberg and Marquardt's method with the damping  ||g||_* / gamma.
 * Source: Semenov, Jaggi & Doikov 2025, arXiv 2506.13710; the test with the gradient instead of the value, where
 * rounding hides the decrease, is ours.
 *
 * @param x0 dimension numbers
 * @throws ArgumentError when an argument does not fit, the objective has no such Hessian or is not finite at x0
 * @throws DataError when a Hessian is not symmetric or not finite
 * @throws ConvergenceError when a Hessian-vector product is not finite
 */
export function gnsNewton(
  objective: Objective,
  x0: Float64Array,
  options: GnsNewtonOptions = {},
): Method<RegularizedIterate> {
  checkOptions("gnsNewton", options, ["hessian", "maxProducts", ...gammaOptions]);
  const { hessian = "auto", maxProducts = Math.max(100, 10 * objective.dimension) } = options;
  const { judge, ...search } = gammaSearch(options);
  checkAtLeast(1, { maxProducts });
  return adaptedParameterIterates(objective, x0, options, (metric) => {
    const solveFor =
      hessian === "auto"
        ? economicalSolves(objective, metric, maxProducts)
        : solvesWith(hessianSource(objective, hessian, ["auto"]), metric, maxProducts);
    return {
      ...search,
      model: solveFor,
      ...(options.gamma === undefined && {
        first: ({ firstLambda }: IterateSolve, { gradientNorm }: RegularizedState, counts: DescentCounts) =>
          firstLambda && whenReady(firstLambda(counts), (lambda) => lambda && gradientNorm / lambda),
      }),
      async attempt({ solveAt, excess, formsHessian }: IterateSolve, state, gamma, counts) {
        const lambda = state.gradientNorm / gamma;
        const trial = await tryStep({
          objective,
          metric,
          state,
          lambda,
          solveAt,
          judge: (figures) => judge({ ...figures, lambda: lambda + excess() }),
          counts,
        });
        return trial && formsHessian() ? { ...trial, kept: { formsHessian: true } } : trial;
      },
    };
  });
}
