import { add, cast, div, type FloatType, mul, pow, scalar, sub, type Tensor } from "@gradus/graph";
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
  const t = add(cast(steps, "f64"), 1);
  return cast(div(1 - decay, sub(1, pow(scalar(decay, "f64"), t))), dtype);
}

export function floatTypeOf({ dtype }: Tensor): FloatType {
  return dtype === "f64" ? "f64" : "f32";
}
