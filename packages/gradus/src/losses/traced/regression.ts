import { abs, square, sub, type Tensor } from "@gradus/graph";
import { checkPair } from "../pairs.ts";
import { type LossOptions, reduced, reductionOf } from "../reduction.ts";

/**
 * (prediction - target)^2, by default the mean over all elements.
 *
 * @throws ArgumentError when predictions [n, 1] meet targets [n], for an unknown option or reduction
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  checkPair({ predictions, targets });
  return reduced(square(sub(predictions, targets)), reductionOf("meanSquaredError", options));
}

/**
 * |prediction - target|, by default the mean over all elements; the derivative is 0 where they are equal.
 *
 * @throws ArgumentError when predictions [n, 1] meet targets [n], for an unknown option or reduction
 */
export function meanAbsoluteError(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  checkPair({ predictions, targets });
  return reduced(abs(sub(predictions, targets)), reductionOf("meanAbsoluteError", options));
}
