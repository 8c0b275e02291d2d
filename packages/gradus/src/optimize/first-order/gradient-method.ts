import { areFinite } from "../../check/arrays.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import { dot } from "../../linalg/vector.ts";
import type { Objective } from "../../objectives/objective.ts";
import {
  type AdaptedMemory,
  adaptedParameterIterates,
  type RegularizedIterate,
  type RegularizedOptions,
  regularizedOptions,
} from "../descent/adapted-parameter.ts";
import type { DescentPoint } from "../descent/descent.ts";
import { isVisible, keptLeast, USUAL_LEAST } from "../descent/parameter-units.ts";

export interface GradientMethodOptions extends RegularizedOptions {
  /** The estimate L of the gradient's Lipschitz constant, in the metric, that is tried first. */
  readonly smoothness?: number;
  /** false keeps L as it is and takes every step. */
  readonly adaptive?: boolean;
}

/** Enough for L to grow from 1 to 1e12; more where rounding does not hide the decrease. */
export const BACKTRACKING_TRIALS = 41;

/** L of the next trial: doubled after a rejection, halved after a step. */
export function nextSmoothness(L: number, accepted: boolean, { least = USUAL_LEAST }: AdaptedMemory): number {
  return accepted ? Math.max(L / 2, least) : 2 * L;
}

/** f / x^2, in which L is measured, at a point. */
export function smoothnessUnit({ gradientNorm, value }: DescentPoint): number {
  return gradientNorm ** 2 / Math.abs(value);
}

/** Whether rounding does not hide that a step with L lowers f by ||g||_*^2 / (2 L) at least. */
export function isVisibleStep(point: DescentPoint, L: number): boolean {
  return isVisible(point.gradientNorm ** 2 / (2 * L), point);
}

/** x - direction / L. */
export function gradientStep(x: Float64Array, direction: Float64Array, L: number): Float64Array<ArrayBuffer> {
  return x.map((xj, j) => xj - direction[j] / L);
}

/**
 * The gradient method with backtracking in a metric B:
 *
 *     T = x - B^-1 g / L,   accepted when  f(T) <= f(x) + g^T (T - x) + (L/2) ||T - x||^2
 *
 * L is halved after every step and doubled after every rejection. In the metric B = A^T A of a linear model it is known
 * as a Gauss-Newton method.
 * Source: Nesterov 2013, "Gradient methods for minimizing composite functions", section 3.
 *
 * @throws ArgumentError when an argument does not fit or the objective is not finite at x0
 */
export function gradientMethod(
  objective: Objective,
  x0: Float64Array,
  options: GradientMethodOptions = {},
): Method<RegularizedIterate> {
  checkOptions("gradientMethod", options, ["smoothness", "adaptive", ...regularizedOptions]);
  const { smoothness = 1, adaptive = true } = options;
  checkPositive({ smoothness });
  checkBoolean({ adaptive });
  return adaptedParameterIterates(objective, x0, options, (metric) => ({
    parameter: smoothness,
    maxTrials: adaptive ? BACKTRACKING_TRIALS : 1,
    model: ({ gradient }) => metric.solve(gradient),
    async attempt(direction: Float64Array, state, L, counts) {
      const { x, value, gradient } = state;
      counts.solves += 1;
      const trial = gradientStep(x, direction, L);
      if (!areFinite(trial)) return undefined;
      counts.evaluations += 1;
      const trialValue = await objective.value(trial);
      if (!Number.isFinite(trialValue)) return undefined;
      // g^T (T - x) = -g^T B^-1 g / L, and (L/2) ||T - x||^2 half of that
      if (adaptive && !(trialValue <= value - dot(gradient, direction) / (2 * L))) return undefined;
      counts.gradients += 1;
      const trialGradient = await objective.gradient(trial);
      if (!areFinite(trialGradient)) return undefined;
      const kept = keptLeast(state, smoothnessUnit);
      return { x: trial, value: trialValue, gradient: trialGradient, lambda: L, kept };
    },
    ...(adaptive && { mayGoOn: isVisibleStep }),
    next: (L, accepted, memory) => (adaptive ? nextSmoothness(L, accepted, memory) : L),
  }));
}
