import { checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import type { Objective } from "../../objectives/objective.ts";
import {
  type RegularizedIterate,
  type RegularizedOptions,
  regularizedOptions,
} from "../descent/adapted-parameter.ts";
import { type GnsNewtonOptions, gammaOptions, gnsNewton } from "./gns-newton.ts";
import type { HessianChoice } from "./hessian-source.ts";
import { superUniversalNewton } from "./super-universal-newton.ts";

/**
 * Normalized gradient descent,  x+ = x - radius B^-1 g / ||g||_*: `gnsNewton` with H = 0 and gamma kept.
 *
 * @throws ArgumentError as `gnsNewton`
 */
export function normalizedGradientDescent(
  objective: Objective,
  x0: Float64Array,
  options: RegularizedOptions & { readonly radius?: number } = {},
): Method<RegularizedIterate> {
  checkOptions("normalizedGradientDescent", options, ["radius", ...regularizedOptions]);
  const { radius = 1, ...shared } = options;
  return gnsNewton(objective, x0, { ...shared, hessian: "zero", gamma: radius, adaptive: false });
}

/**
 * Gradient descent with an adaptive estimate lambda = ||g||_* / gamma of the curvature: `gnsNewton` with H = 0.
 *
 * @throws ArgumentError as `gnsNewton`
 */
export function adaptiveGradientDescent(
  objective: Objective,
  x0: Float64Array,
  options: Omit<GnsNewtonOptions, "hessian" | "adaptive"> = {},
): Method<RegularizedIterate> {
  checkOptions("adaptiveGradientDescent", options, [
    "maxProducts",
    ...gammaOptions.filter((name) => name !== "adaptive"),
  ]);
  return gnsNewton(objective, x0, { ...options, hessian: "zero" });
}

/**
 * Newton's method regularized by a fixed multiple of a power of the gradient norm,  lambda = coefficient ||g||_*^exponent:
 * 1/2 is for Lipschitz Hessians (where the coefficient is the root of half their Lipschitz constant), 2/3 for Lipschitz
 * third derivatives, 1 for quasi-self-concordant functions.
 * Source: Mishchenko 2023, "Regularized Newton method with global O(1/k^2) convergence"; Doikov 2023, "Minimizing
 * quasi-self-concordant functions by gradient regularization of Newton method".
 *
 * @throws ArgumentError as `superUniversalNewton`
 */
export function gradientRegularizedNewton(
  objective: Objective,
  x0: Float64Array,
  options: RegularizedOptions & {
    readonly exponent?: number;
    readonly coefficient?: number;
    readonly hessian?: HessianChoice;
  } = {},
): Method<RegularizedIterate> {
  checkOptions("gradientRegularizedNewton", options, [
    "exponent",
    "coefficient",
    "hessian",
    ...regularizedOptions,
  ]);
  return superUniversalNewton(objective, x0, { exponent: 0.5, ...options, adaptive: false });
}
