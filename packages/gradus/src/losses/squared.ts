import { mul, square, sub } from "@gradus/graph";
import { checkFiniteVector } from "../check/arrays.ts";
import type { ScalarLoss } from "./contract.ts";
import { squaredCurvature } from "./output-curvature.ts";
import { tracedLoss } from "./pairs.ts";
import { scalarLoss } from "./scalar-loss.ts";

/** phi(z, y) = (z - y)^2 / 2; of several outputs the sum. L = 1. */
export const squaredLoss: ScalarLoss = scalarLoss({
  name: "squared loss",
  outputs: undefined,
  labels: "output",
  smoothness: 1,
  checkLabels: checkFiniteVector,
  value: (z, y) => ((z - y) * (z - y)) / 2,
  derivative: (z, y) => z - y,
  curvature: () => 1,
  evaluate(outputs, labels, losses, gradient) {
    const width = outputs.length / losses.length;
    for (let i = 0; i < losses.length; i++) {
      let sum = 0;
      for (let j = i * width; j < (i + 1) * width; j++) {
        const residual = outputs[j] - labels[j];
        if (gradient) gradient[j] = residual;
        sum += residual * residual;
      }
      losses[i] = sum / 2;
    }
  },
  curvatures(_outputs, _labels, out) {
    out.fill(1);
  },
  traced: tracedLoss("squaredLoss", (outputs, labels) => mul(square(sub(outputs, labels)), 0.5)),
  outputCurvature: squaredCurvature(),
});
