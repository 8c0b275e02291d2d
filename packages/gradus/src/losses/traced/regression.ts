import { abs, square, sub, type Tensor } from "@gradus/graph";
import { type LossOptions, reduced } from "../reduction.ts";

/** (prediction - target)^2, by default the mean over all elements. */
export function meanSquaredError(
  predictions: Tensor,
  targets: Tensor,
  { reduction }: LossOptions = {},
): Tensor {
  return reduced(square(sub(predictions, targets)), reduction);
}

/** |prediction - target|, by default the mean over all elements; the derivative is 0 where they are equal. */
export function meanAbsoluteError(
  predictions: Tensor,
  targets: Tensor,
  { reduction }: LossOptions = {},
): Tensor {
  return reduced(abs(sub(predictions, targets)), reduction);
}
