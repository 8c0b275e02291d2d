import { mul, sum } from "@gradus/graph";
import { checkFiniteVector } from "../check/arrays.ts";
import type { Loss } from "./contract.ts";
import { tracedLoss } from "./pairs.ts";

/**
 * l(p, c) = <c, p>: the expected cost of a policy that takes actions with probabilities p, where c are the costs of the
 * actions. Linear in the probabilities.
 */
export const expectedCostLoss: Loss = {
  name: "expected cost",
  outputs: undefined,
  labels: "output",
  smoothness: undefined,
  checkLabels: checkFiniteVector,
  evaluate(outputs, labels, losses, gradient) {
    const width = outputs.length / losses.length;
    for (let i = 0; i < losses.length; i++) {
      let total = 0;
      for (let j = i * width; j < (i + 1) * width; j++) {
        if (gradient) gradient[j] = labels[j];
        total += labels[j] * outputs[j];
      }
      losses[i] = total;
    }
  },
  traced: tracedLoss("expectedCostLoss", (outputs, labels) => sum(mul(outputs, labels), { axes: -1 })),
};
