import { rastrigin } from "gradus/objectives";
import {
  consensusBasedOptimization,
  growingInverseTemperature,
  minimizeByValues,
} from "gradus/optimize/derivative-free";

const objective = rastrigin(10); // or any { dimension, value } or { dimension, values } of yours
const found = await minimizeByValues(objective, {
  method: (f, { seed, maxEvaluations }) =>
    consensusBasedOptimization(f, {
      particles: { count: 50, lower: -5, upper: 5 },
      noiseKind: "anisotropic",
      noise: 9,
      inverseTemperature: growingInverseTemperature({ start: 30 }),
      seed,
      maxEvaluations,
    }),
  maxEvaluations: 200_000,
  target: 1e-3,
  seed: 1,
});
console.log(found.value, "after", found.evaluations, "evaluations:", found.message);
