import { dot } from "../../../linalg/vector.ts";
import type { DesignMap } from "../../../objectives/design-matrix.ts";
import type { TargetSurrogate } from "../surrogate.ts";
import type { InnerResult } from "./contract.ts";

/** What a step's size is chosen from: the squared length of the gradient, and the curvature along it. */
export interface QuadraticLine {
  readonly squaredNorm: number;
  /** d^T (Hessian of S) d along the gradient d. */
  readonly curvature: number;
}

export interface QuadraticDescentOptions {
  readonly steps: number;
  readonly gradientTolerance: number;
  /** The step, given the one before; undefined when there is none. */
  readonly chooseStep: (line: QuadraticLine) => number | undefined;
  /** Whether the choice looks at the curvature. */
  readonly usesCurvature: boolean;
}

/**
 * Gradient descent on the surrogate of a linear model, which is quadratic: two passes over the batch a step, and the
 * curvature along the gradient for nothing.
 */
export function quadraticDescent(
  { theta: start, scale, targetGradient, counts }: TargetSurrogate,
  { design, weights }: { readonly design: DesignMap; readonly weights: Float64Array },
  { steps, gradientTolerance, chooseStep, usesCurvature }: QuadraticDescentOptions,
): InnerResult {
  const theta = start.slice();
  const cotangents = targetGradient.slice();
  const direction = new Float64Array(theta.length);
  const product = new Float64Array(cotangents.length);
  let gradientNorm = Number.NaN;
  let stepSize = Number.NaN;
  const end = (status: InnerResult["status"], made: number): InnerResult => ({
    theta,
    status,
    steps: made,
    stepSize,
    gradientNorm,
  });
  for (let step = 0; step < steps; step++) {
    design.adjoint(cotangents, direction);
    counts.pullback += 1;
    for (let k = 0; k < direction.length; k++) direction[k] *= scale;
    const squaredNorm = dot(direction, direction);
    if (step === 0) gradientNorm = Math.sqrt(squaredNorm);
    if (!Number.isFinite(squaredNorm)) return end("not-finite", step);
    if (squaredNorm === 0 || Math.sqrt(squaredNorm) <= gradientTolerance) return end("converged", step);
    let curvature = 0;
    const goesOn = step + 1 < steps;
    if (usesCurvature || goesOn) {
      design.product(direction, product);
      counts.forward += 1;
      for (let i = 0; i < product.length; i++) curvature += weights[i] * product[i] * product[i];
      curvature *= scale;
    }
    const chosen = chooseStep({ squaredNorm, curvature });
    if (chosen === undefined) return end("stalled", step);
    stepSize = chosen;
    for (let k = 0; k < theta.length; k++) theta[k] -= stepSize * direction[k];
    if (goesOn)
      for (let i = 0; i < cotangents.length; i++) cotangents[i] -= stepSize * weights[i] * product[i];
  }
  return end("completed", steps);
}
