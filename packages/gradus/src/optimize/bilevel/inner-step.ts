import type { MaybePromise } from "../../objectives/objective.ts";
import { projected } from "./problem.ts";

/**
 * u <- P(u - step (weight a + b + (u - center)/rho)), in place; `a` may be left out.
 *
 * @returns the length of the step over its size
 */
export function innerStep(
  u: Float64Array,
  { a, weight, b }: { readonly a?: Float64Array; readonly weight: number; readonly b: Float64Array },
  { center, inverseProx, step }: { center: Float64Array; inverseProx: number; step: number },
  project: ((y: Float64Array) => Float64Array) | undefined,
  before: Float64Array,
): number {
  const d = u.length;
  let square = 0;
  if (!project) {
    for (let i = 0; i < d; i++) {
      const slope = (a ? weight * a[i] : 0) + b[i] + (u[i] - center[i]) * inverseProx;
      u[i] -= step * slope;
      square += slope * slope;
    }
    return Math.sqrt(square);
  }
  for (let i = 0; i < d; i++) {
    before[i] = u[i];
    u[i] -= step * ((a ? weight * a[i] : 0) + b[i] + (u[i] - center[i]) * inverseProx);
  }
  projected(project, u);
  for (let i = 0; i < d; i++) square += (u[i] - before[i]) ** 2;
  return Math.sqrt(square) / step;
}

/** ||x - P(x - step G)|| / step; `trial` gets P(x - step G). */
export function proxResidual(
  x: Float64Array,
  gradient: Float64Array,
  step: number,
  project: ((x: Float64Array) => Float64Array) | undefined,
  trial: Float64Array,
): number {
  let square = 0;
  for (let i = 0; i < x.length; i++) trial[i] = x[i] - step * gradient[i];
  projected(project, trial);
  for (let i = 0; i < x.length; i++) square += (x[i] - trial[i]) ** 2;
  return Math.sqrt(square) / step;
}

/** center <- center + b (u - center). */
export function moveCenter(center: Float64Array, u: Float64Array, b: number): void {
  for (let i = 0; i < u.length; i++) center[i] += b * (u[i] - center[i]);
}

export const isLater = <T>(result: MaybePromise<T>): result is Promise<T> => result instanceof Promise;
