import { ArgumentError } from "../check/errors.ts";
import type { ValuesOf } from "../tree/arrays.ts";
import type { Evaluation, StepState } from "./contract.ts";
import { DivergenceError } from "./divergence.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Settings } from "./settings.ts";

/** What is measured, and where training stands. */
export interface MetricsPlace<P, D, M, H> {
  readonly evaluation: Evaluation<D> | undefined;
  readonly state: StepState<P, M>;
  readonly settings?: Partial<H>;
  readonly epoch: number;
  readonly signal?: AbortSignal;
}

/**
 * The metrics at a state of training: of the average of the parameters where there is one.
 *
 * @throws ArgumentError when there is an evaluation to make and no metric
 * @throws DivergenceError naming the metric that is not finite
 */
export async function measureMetrics<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(
  evaluator: Evaluator<P, D, M, H> | undefined,
  {
    evaluation,
    state: { parameters, average, modelState, steps },
    settings,
    epoch,
    signal,
  }: MetricsPlace<P, D, M, H>,
): Promise<Record<string, number> | undefined> {
  if (!evaluation) return undefined;
  if (!evaluator)
    throw new ArgumentError("evaluation needs metrics, but the trainer was compiled without any");
  const metrics = await evaluator.evaluate({
    ...evaluation,
    parameters: average ?? parameters,
    modelState,
    settings,
    signal,
  });
  for (const [name, value] of Object.entries(metrics))
    if (!Number.isFinite(value))
      throw new DivergenceError(`the metric ${name} became ${value} at epoch ${epoch} (step ${steps})`, {
        epoch,
        step: steps,
        lastFiniteLoss: undefined,
      });
  return metrics;
}
