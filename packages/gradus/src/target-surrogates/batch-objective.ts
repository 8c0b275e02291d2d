import type { Objective, ValueAndGradient } from "../objectives/objective.ts";
import { noCalls, type TargetBatch, type TargetCounts } from "./contract.ts";

/**
 * A batch's loss as a function of the parameters, h_R(theta) = l_R(f_R(theta)), for the baselines and for reports.
 * Every gradient is one oracle call.
 *
 * @param counts counters to which the calls are added
 */
export function batchObjective({ map, loss }: TargetBatch, counts: TargetCounts = noCalls()): Objective {
  const forward = (theta: Float64Array) => {
    counts.forward += 1;
    return map.targets(theta);
  };
  async function valueAndGradient(theta: Float64Array): Promise<ValueAndGradient> {
    const { value, gradient } = await loss.valueAndGradient(await forward(theta));
    counts.oracleCalls += 1;
    counts.pullback += 1;
    const cotangents = gradient.map((entry) => entry / map.rows);
    return { value, gradient: await map.pullback(theta, cotangents) };
  }
  return {
    dimension: map.dimension,
    value: async (theta) => loss.value(await forward(theta)),
    gradient: async (theta) => (await valueAndGradient(theta)).gradient,
    valueAndGradient,
  };
}
