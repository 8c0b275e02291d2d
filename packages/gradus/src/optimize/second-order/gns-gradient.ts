import { checkFunction, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import type { Objective } from "../../objectives/objective.ts";
import { adaptedParameterIterates, type RegularizedIterate } from "../descent/adapted-parameter.ts";
import { type GammaOptions, gammaOptions, gammaSearch } from "./gns-newton.ts";
import { tryStep } from "./try-step.ts";

export interface GnsGradientOptions extends GammaOptions {
  /** P g in a new array, P symmetric positive definite; B^-1 g by default. */
  readonly preconditioner?: (g: Float64Array) => Float64Array;
}

/**
 * The gradient method with a radius gamma that adapts as in `gnsNewton`:  x+ = x - (gamma / ||g||_*) P g, with P = B^-1
 * or a preconditioner. Without one it is `gnsNewton` with a zero Hessian.
 * Source: Semenov, Jaggi & Doikov 2025, arXiv 2506.13710.
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function gnsGradient(
  objective: Objective,
  x0: Float64Array,
  options: GnsGradientOptions = {},
): Method<RegularizedIterate> {
  checkOptions("gnsGradient", options, ["preconditioner", ...gammaOptions]);
  const { preconditioner } = options;
  if (preconditioner !== undefined) checkFunction({ preconditioner });
  const { judge, ...search } = gammaSearch(options);
  return adaptedParameterIterates(objective, x0, options, (metric) => ({
    ...search,
    model: ({ gradient }) => preconditioner?.(gradient) ?? metric.solve(gradient),
    attempt(direction: Float64Array, state, gamma, counts) {
      const solveAt = (lambda: number) => direction.map((dj) => -dj / lambda);
      return tryStep({
        objective,
        metric,
        state,
        lambda: state.gradientNorm / gamma,
        solveAt,
        judge,
        counts,
      });
    },
  }));
}
