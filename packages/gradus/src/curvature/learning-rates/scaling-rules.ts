import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf } from "../../check/options.ts";

/** How a learning rate scales with the batch size: linearly, with its square root, or not at all. */
export type ScalingRule = "linear" | "sqrt" | "constant";

/**
 * A learning rate for another batch size: alpha f, alpha sqrt f or alpha, where f = toBatch / fromBatch.
 * Source: Goyal et al. 2017 for the linear rule; Krizhevsky 2014 for the square root; Granziol, Zohren & Roberts 2022
 * for when each applies.
 *
 * @throws ArgumentError when the rate is not > 0, a size is not an integer >= 1, or the rule is unknown
 */
export function scaleLearningRate(
  learningRate: number,
  fromBatch: number,
  toBatch: number,
  rule: ScalingRule,
): number {
  checkPositive({ learningRate });
  checkPositiveInteger({ fromBatch, toBatch });
  checkOneOf(["linear", "sqrt", "constant"], { rule });
  const factor = toBatch / fromBatch;
  if (rule === "constant") return learningRate;
  return learningRate * (rule === "linear" ? factor : Math.sqrt(factor));
}
