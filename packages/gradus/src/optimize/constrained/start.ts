import type { StateFields } from "../../iterate/method-options.ts";
import type { ConstrainedCounts } from "./contract.ts";
import { type EqualityProblem, type PrimalDualPoint, pointAt } from "./problem.ts";

/** The fields of a state, and what fits the problem in them. */
export function stateFields({ dimension, constraintCount }: EqualityProblem): StateFields {
  return {
    "point.x": dimension,
    "point.lambda": constraintCount,
    "point.gradient": dimension,
    parameters: undefined,
    counts: undefined,
  };
}

/** The fields of a state in which the place of a Hessian is kept. */
export function placeFields({ dimension, constraintCount }: EqualityProblem): StateFields {
  return { "hessianPlace.x": dimension, "hessianPlace.lambda": constraintCount };
}

/**
 * Where a method starts: everything at a copy of (x0, lambda0), and the evaluations that it took.
 *
 * @throws ConvergenceError naming what is not finite there
 */
export async function startAt(
  problem: EqualityProblem,
  x0: Float64Array,
  lambda0: Float64Array,
): Promise<{ readonly point: PrimalDualPoint; readonly counts: ConstrainedCounts }> {
  const counts: ConstrainedCounts = {
    objective: 0,
    constraints: 0,
    gradient: 0,
    jacobian: 0,
    hessian: 0,
    innerSteps: 0,
    innerFlops: 0,
  };
  const point = await pointAt(problem, Float64Array.from(x0), Float64Array.from(lambda0), counts, 0);
  return { point, counts };
}
