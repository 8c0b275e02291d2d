import { areFinite } from "../../check/arrays.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { dot } from "../../linalg/vector.ts";
import type { Objective } from "../../objectives/objective.ts";
import {
  adaptedParameterIterates,
  type RegularizedIterate,
  type RegularizedOptions,
  regularizedOptions,
} from "../descent/adapted-parameter.ts";
import { evaluate } from "../descent/descent.ts";
import { keptLeast } from "../descent/parameter-units.ts";
import {
  BACKTRACKING_TRIALS,
  gradientStep,
  isVisibleStep,
  nextSmoothness,
  smoothnessUnit,
} from "./gradient-method.ts";

export interface FastGradientMethodOptions extends RegularizedOptions {
  /** The estimate L of the gradient's Lipschitz constant, in the metric, that is tried first. */
  readonly smoothness?: number;
}

/**
 * The fast gradient method with backtracking in a metric B, from A = 0 and v = x:
 *
 *     a = (1 + sqrt(1 + 4 A L)) / (2 L),   y = (a v + A x) / (a + A),   T = y - B^-1 g(y) / L,
 *     accepted when  f(T) <= f(y) + g(y)^T (T - y) + (L/2) ||T - y||^2;   v = T + (A/a)(T - x),   A += a,   x = T
 *
 * Values need not fall at every step. A trial costs the gradient at y and the value at T; an accepted step also the
 * gradient at T, which only the gradient norms that iterates show and stopping need.
 * Source: Nesterov 1983, "A method for solving the convex programming problem with convergence rate O(1/k^2)".
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function fastGradientMethod(
  objective: Objective,
  x0: Float64Array,
  options: FastGradientMethodOptions = {},
): Method<RegularizedIterate> {
  checkOptions("fastGradientMethod", options, ["smoothness", ...regularizedOptions]);
  const { smoothness = 1 } = options;
  checkPositive({ smoothness });
  return adaptedParameterIterates(objective, x0, options, (metric) => ({
    parameter: smoothness,
    maxTrials: BACKTRACKING_TRIALS,
    model: () => undefined,
    async attempt(_: undefined, state, L, counts) {
      const { x, memory } = state;
      const { momentum = { anchor: x, weight: 0 } } = memory;
      const { anchor, weight: A } = momentum;
      const a = (1 + Math.sqrt(1 + 4 * A * L)) / (2 * L);
      const y = x.map((xj, j) => (a * anchor[j] + A * xj) / (a + A));
      const at = await evaluate(objective, y, counts);
      if (at === undefined) return undefined;
      counts.solves += 1;
      const direction = metric.solve(at.gradient);
      const trial = gradientStep(y, direction, L);
      if (!areFinite(trial)) return undefined;
      counts.evaluations += 1;
      const value = await objective.value(trial);
      if (!(value <= at.value - dot(at.gradient, direction) / (2 * L))) return undefined;
      counts.gradients += 1;
      const gradient = await objective.gradient(trial);
      if (!areFinite(gradient)) return undefined;
      const next = trial.map((tj, j) => tj + (A / a) * (tj - x[j]));
      const kept = { ...keptLeast(state, smoothnessUnit), momentum: { anchor: next, weight: A + a } };
      return { x: trial, value, gradient, lambda: L, kept };
    },
    mayGoOn: isVisibleStep,
    next: nextSmoothness,
  }));
}
