import { add, type FloatType, mul, type Operand, type Tensor } from "@gradus/graph";

/**
 * decay s + x: after t steps the sum of decay^(t - i) x_i. The sum of ones, 1 + decay + ... + decay^(t - 1) =
 * (1 - decay^t) / (1 - decay), makes a sum an average with bias correction (Kingma and Ba, 2015, section 3), and
 * loses no digits while t is small.
 */
export function discountedSum(sum: Tensor, x: Operand, decay: number): Tensor {
  return add(mul(sum, decay), x);
}

export function floatTypeOf({ dtype }: Tensor): FloatType {
  return dtype === "f64" ? "f64" : "f32";
}
