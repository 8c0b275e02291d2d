import { add, cast, div, expm1, type FloatType, mul, scalar, type Tensor } from "@gradus/graph";
import type { StepContext } from "../transformation.ts";

/** decay s + x: after t steps the sum of decay^(t - i) x_i. */
export function discountedSum(sum: Tensor, x: Tensor, decay: number): Tensor {
  return decay === 0 ? x : add(mul(sum, decay), x);
}

/**
 * 1 / (1 + decay + ... + decay^(t - 1)) = (1 - decay) / (1 - decay^t) in step t, from 1: times a discounted sum, it is
 * the average with bias correction (Kingma and Ba, 2015, section 3).
 */
export function averagingWeight(decay: number, { steps }: StepContext, dtype: FloatType): Tensor {
  // 1 - decay^t = -expm1(t log decay), which does not cancel while t is small.
  const t = cast(add(steps, 1), dtype);
  return decay === 0 ? scalar(1, dtype) : div(decay - 1, expm1(mul(t, Math.log(decay))));
}

export function floatTypeOf({ dtype }: Tensor): FloatType {
  return dtype === "f64" ? "f64" : "f32";
}
