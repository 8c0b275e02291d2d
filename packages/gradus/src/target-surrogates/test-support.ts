import { array } from "@gradus/graph";
import { binaryLogisticLoss } from "../losses/logistic.ts";
import { mlp } from "../nn/models/mlp.ts";
import { randomStream } from "../random/stream.ts";
import type { TargetLoss, TargetProblem } from "./contract.ts";
import { linearTargets } from "./linear-targets.ts";
import { type SsoIterate, type SsoOptions, sso } from "./sso.ts";
import { targetLoss } from "./target-loss.ts";
import { targetProblem } from "./target-problem.ts";
import { tracedTargets } from "./traced-targets.ts";

/** Three rows, two features, a logistic loss: the specification's worked example. */
export const worked = {
  model: linearTargets({ rows: 3, columns: 2, values: Float64Array.of(1, 0, 0, 2, 1, 1) }),
  loss: targetLoss(binaryLogisticLoss, [1, 0, 1]),
};

export const workedProblem = targetProblem(worked.model, worked.loss);

export const random = (length: number, label: string, seed = 1) =>
  randomStream(seed).split(label).fillNormal(new Float64Array(length));

/** The iterate after `iterations` steps, and all before it. */
export async function steps(
  problem: TargetProblem,
  theta0: Float64Array,
  iterations: number,
  options: SsoOptions,
): Promise<SsoIterate[]> {
  const seen: SsoIterate[] = [];
  for await (const iterate of sso(problem, theta0, options)) {
    seen.push(iterate);
    if (iterate.iteration === iterations) break;
  }
  return seen;
}

/** A loss that counts evaluations of its gradient and value. */
export function counting(
  loss: TargetLoss,
): TargetLoss & { readonly calls: { gradients: number; values: number } } {
  const calls = { gradients: 0, values: 0 };
  return {
    ...loss,
    calls,
    on(rows) {
      const inner = loss.on(rows);
      return {
        ...inner,
        value(z) {
          calls.values += 1;
          return inner.value(z);
        },
        valueAndGradient(z) {
          calls.gradients += 1;
          return inner.valueAndGradient(z);
        },
      };
    },
  };
}

/** A tanh network 5-16-`outputs` on `rows` random points, compiled in float64. */
export async function smallNetwork(rows: number, outputs: number) {
  const network = mlp({ inputs: 5, hidden: [16], outputs, activation: "tanh" });
  const inputs = array(random(rows * 5, "inputs"), [rows, 5]);
  const traced = await tracedTargets({
    model: (parameters, x) => network.apply(parameters, x),
    parameters: network.parameters({ stream: randomStream(1).split("network"), dtype: "f64" }),
    inputs,
  });
  return { traced, inputs };
}
