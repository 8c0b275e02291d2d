import { checkOptions } from "../../check/options.ts";
import { type Attack, readingAttack, repeated } from "./contract.ts";

/**
 * Mimic: all faulty nodes send what one honest node sends: node 0 or, with `target: "principal"`, the node farthest
 * out along a running estimate of the direction in which the honest models vary most.
 * Source: Karimireddy, He & Jaggi 2022, "Byzantine-robust learning on heterogeneous datasets via bucketing".
 */
export function mimic(options: { readonly target?: "first" | "principal" } = {}): Attack {
  checkOptions("mimic", options, ["target"]);
  const { target = "first" } = options;
  if (target === "first")
    return readingAttack({
      name: "mimic",
      models: (honest, { faulty }) => repeated(honest[0], faulty),
    });
  return readingAttack({
    name: "mimic, principal direction",
    models(honest, { geometry, faulty, random, step, memory }) {
      const before = memory.direction ?? random.unitSphere(geometry.mean.length);
      const projections = geometry.products(before);
      // One step of power iteration on the honest covariance, averaged over time.
      const pull = new Float64Array(before.length);
      honest.forEach((row, i) => {
        for (let k = 0; k < pull.length; k++) pull[k] += projections[i] * (row[k] - geometry.mean[k]);
      });
      const length = Math.hypot(...projections) > 0 ? Math.sqrt(pull.reduce((sum, v) => sum + v * v, 0)) : 1;
      const direction = before.map((value, k) => (step * value + pull[k] / length) / (step + 1));
      const norm = Math.sqrt(direction.reduce((sum, v) => sum + v * v, 0));
      memory.direction = norm > 0 ? direction.map((value) => value / norm) : before;
      const along = geometry.products(memory.direction);
      let farthest = 0;
      for (let i = 1; i < along.length; i++) if (Math.abs(along[i]) > Math.abs(along[farthest])) farthest = i;
      return repeated(honest[farthest], faulty);
    },
  });
}
