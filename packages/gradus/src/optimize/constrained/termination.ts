import { dot, norm2 } from "../../linalg/vector.ts";
import {
  type ConstrainedState,
  type ConstrainedStatus,
  type ConstrainedView,
  RELATIVE_SINGULARITY,
} from "./contract.ts";
import { leastSquaredSingularValue } from "./kkt-system.ts";
import type { EqualityProblem, PrimalDualPoint } from "./problem.ts";

export interface TerminationOptions {
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly singularBelow: number | "relative";
}

/** Whether a method ends at a point, and the smallest singular value of G there. */
export function statusAt(
  { constraintCount: m, dimension: n }: EqualityProblem,
  { kkt, jacobian }: PrimalDualPoint,
  steps: number,
  { tolerance, maxIterations, singularBelow }: TerminationOptions,
): { readonly status: ConstrainedStatus | undefined; readonly smallestSingularValue: number } {
  if (kkt <= tolerance) return { status: "converged", smallestSingularValue: Number.NaN };
  const xiG = leastSquaredSingularValue(jacobian, m, n);
  const limit = singularBelow === "relative" ? RELATIVE_SINGULARITY * dot(jacobian, jacobian) : singularBelow;
  const smallestSingularValue = Math.sqrt(xiG);
  if (xiG < limit || (xiG === 0 && limit >= 0)) return { status: "singular-jacobian", smallestSingularValue };
  return { status: steps >= maxIterations ? "max-iterations" : undefined, smallestSingularValue };
}

/** What a state shows. */
export function viewOf({
  point,
  status,
  smallestSingularValue,
  counts,
  last,
}: ConstrainedState): ConstrainedView {
  const { x, lambda, value, kkt, constraints } = point;
  return {
    x,
    lambda,
    value,
    kkt,
    gradientNorm: kkt,
    constraintNorm: norm2(constraints),
    status,
    smallestSingularValue,
    counts,
    step: last,
    done: status !== undefined,
    converged: status === "converged",
  };
}
