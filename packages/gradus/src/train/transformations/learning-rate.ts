import { mul, neg } from "@gradus/graph";
import { checkPositive } from "../../check/numbers.ts";
import { type GradientTransformation, stateless } from "../transformation.ts";
import { floatTypeOf } from "./discounted.ts";
import { checkScheduled, type Scheduled, valueAt } from "./scheduled.ts";

/**
 * The last link of an optimizer: -learningRate u, which is added to the parameters.
 *
 * @throws ArgumentError unless a learning rate that is a number is finite and > 0
 */
export function scaleByLearningRate(learningRate: Scheduled): GradientTransformation {
  checkScheduled("learningRate", learningRate);
  if (typeof learningRate === "number") checkPositive({ learningRate });
  return stateless(
    (updates, context) =>
      updates.map((u) => {
        const rate = valueAt(learningRate, context, floatTypeOf(u));
        return mul(u, typeof rate === "number" ? -rate : neg(rate));
      }),
    { elementwise: true },
  );
}
