import { abs, lessEqual, mul, square, sub, type Tensor, where } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { type LossOptions, reduced } from "./reduction.ts";

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

/**
 * r^2 / 2 of residuals r up to delta in size, delta (|r| - delta / 2) beyond (Huber, 1964), by default the mean over
 * all elements.
 *
 * @throws ArgumentError unless delta is finite and > 0
 */
export function huberLoss(
  predictions: Tensor,
  targets: Tensor,
  { delta = 1, reduction }: LossOptions & { readonly delta?: number } = {},
): Tensor {
  if (!(delta > 0 && delta < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`delta must be a finite number > 0, got ${delta}`);
  const residuals = sub(predictions, targets);
  const size = abs(residuals);
  const losses = where(lessEqual(size, delta), mul(square(residuals), 0.5), mul(sub(size, delta / 2), delta));
  return reduced(losses, reduction);
}
