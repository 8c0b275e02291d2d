import { axpy } from "../../linalg/vector.ts";
import type { Objective } from "../../objectives/objective.ts";
import type { AcceptedTrial, RegularizedState } from "../descent/adapted-parameter.ts";
import { type DescentCounts, evaluate } from "../descent/descent.ts";
import type { InnerProduct } from "../descent/metric.ts";
import type { Trial } from "./acceptance.ts";
import type { RegularizedSolve } from "./regularized-solve.ts";

export interface TryStepOptions {
  readonly objective: Objective;
  readonly metric: InnerProduct;
  readonly state: RegularizedState;
  readonly lambda: number;
  readonly solveAt: RegularizedSolve;
  readonly judge: (trial: Trial) => boolean;
  readonly counts: DescentCounts;
}

/** Solves for the step of a lambda, evaluates the point and judges it; undefined rejects. */
export async function tryStep({
  objective,
  metric,
  state,
  lambda,
  solveAt,
  judge,
  counts,
}: TryStepOptions): Promise<AcceptedTrial | undefined> {
  if (!(lambda > 0 && lambda < Number.POSITIVE_INFINITY)) return undefined;
  counts.solves += 1;
  const h = await solveAt(lambda, counts);
  if (h === undefined) return undefined;
  const x = axpy(1, h, state.x.slice());
  const landed = await evaluate(objective, x, counts);
  if (landed === undefined) return undefined;
  const { value: trialValue, gradient } = landed;
  let slope = 0;
  for (let j = 0; j < x.length; j++) slope += gradient[j] * (state.x[j] - x[j]);
  const trialGradientNorm = metric.dualNorm(gradient);
  const trial: Trial = { value: state.value, trialValue, slope, trialGradientNorm, lambda };
  return judge(trial) ? { x, value: trialValue, gradient, lambda } : undefined;
}
