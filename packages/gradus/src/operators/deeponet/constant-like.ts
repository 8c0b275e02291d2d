import { constant, type Tensor } from "@gradus/graph";

/** A constant in the precision of another tensor. */
export function constantLike(values: Float64Array, shape: readonly number[], { dtype }: Tensor): Tensor {
  return constant(dtype === "f32" ? Float32Array.from(values) : values, shape);
}
