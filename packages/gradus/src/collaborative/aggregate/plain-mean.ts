import { meanVector, zerosAs } from "../vector.ts";
import type { WeightedRule } from "./rule.ts";

/** The mean of all received models: what fault-free distributed SGD does, and what one liar moves anywhere. */
export function plainMean(): WeightedRule {
  return {
    kind: "weighted",
    name: "mean",
    ownMatters: false,
    fewest: () => 1,
    mix(models) {
      const mixed = zerosAs(models[0]);
      mixed.set(meanVector(models));
      return mixed;
    },
    weights({ models }, weights) {
      weights.fill(1 / models.length);
    },
  };
}
