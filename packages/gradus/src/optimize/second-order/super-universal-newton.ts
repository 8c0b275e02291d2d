import { checkAtLeast, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { checkObjective, type Objective } from "../../objectives/objective.ts";
import {
  adaptedParameterIterates,
  type RegularizedIterate,
  type RegularizedOptions,
  regularizedOptions,
} from "../descent/adapted-parameter.ts";
import type { DescentPoint } from "../descent/descent.ts";
import { isVisible, keptLeast, USUAL_LEAST } from "../descent/parameter-units.ts";
import { gradientTest, type Trial } from "./acceptance.ts";
import { type HessianChoice, hessianSource } from "./hessian-source.ts";
import { type RegularizedSolve, regularizedSolve } from "./regularized-solve.ts";
import { tryStep } from "./try-step.ts";

export interface SuperUniversalNewtonOptions extends RegularizedOptions {
  readonly hessian?: HessianChoice;
  /** The power alpha of the gradient norm: 1/2 for Lipschitz Hessians, 2/3 for third derivatives, 1 for QSC. */
  readonly exponent?: number;
  /** The M tried first. */
  readonly coefficient?: number;
  /** false keeps M as it is and takes every finite step. */
  readonly adaptive?: boolean;
  readonly maxProducts?: number;
}

const TRIALS = 31;

/**
 * Super-universal Newton's method, regularized by a power of the gradient norm:
 *
 *     lambda = M ||g||_*^alpha,   x+ = x - (H + lambda B)^-1 g,
 *     accepted when  g(x+)^T (x - x+) >= ||g(x+)||_*^2 / (4 lambda)
 *
 * A rejection multiplies M by 4, a step divides it by 4. The power fixes the class whose rate is reached, where
 * `gnsNewton` finds it.
 * Source: Doikov, Mishchenko & Nesterov 2024, "Super-universal regularized Newton method".
 *
 * @throws ArgumentError when an argument does not fit, the objective has no such Hessian or is not finite at x0
 * @throws DataError when a Hessian is not symmetric or not finite
 */
export function superUniversalNewton(
  objective: Objective,
  x0: Float64Array,
  options: SuperUniversalNewtonOptions = {},
): Method<RegularizedIterate> {
  checkOptions("superUniversalNewton", options, [
    "hessian",
    "exponent",
    "coefficient",
    "adaptive",
    "maxProducts",
    ...regularizedOptions,
  ]);
  checkObjective(objective);
  const {
    hessian = "exact",
    exponent = 1,
    coefficient = 1,
    adaptive = true,
    maxProducts = Math.max(100, 10 * objective.dimension),
  } = options;
  checkPositive({ coefficient });
  checkWithin("[0, 1]", { exponent });
  checkBoolean({ adaptive });
  checkAtLeast(1, { maxProducts });
  const source = hessianSource(objective, hessian);
  const unit = ({ gradientNorm, value }: DescentPoint) => gradientNorm ** (2 - exponent) / Math.abs(value);
  const judge = (trial: Trial): boolean => !adaptive || gradientTest(trial, 4);
  return adaptedParameterIterates(objective, x0, options, (metric) => ({
    parameter: coefficient,
    maxTrials: adaptive ? TRIALS : 1,
    async model({ x, gradient, gradientNorm }) {
      const relativeTolerance = Math.min(0.1, Math.sqrt(gradientNorm));
      return regularizedSolve(await source(x), metric, gradient, { relativeTolerance, maxProducts });
    },
    async attempt(solveAt: RegularizedSolve, state, M, counts) {
      const trial = await tryStep({
        objective,
        metric,
        state,
        lambda: M * state.gradientNorm ** exponent,
        solveAt,
        judge,
        counts,
      });
      return trial && { ...trial, kept: keptLeast(state, unit) };
    },
    ...(adaptive && {
      mayGoOn: (point: DescentPoint, M: number) =>
        isVisible(point.gradientNorm ** (2 - exponent) / (2 * M), point),
    }),
    next: (M, accepted, { least = USUAL_LEAST }) =>
      !adaptive ? M : accepted ? Math.max(M / 4, least) : 4 * M,
  }));
}
