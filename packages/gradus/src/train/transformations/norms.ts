import { add, sqrt, square, sum, type Tensor } from "@gradus/graph";

/** The sum of the squares of all elements of all tensors; at least one tensor. */
export function sumOfSquares(tensors: readonly Tensor[]): Tensor {
  return tensors.map((t) => sum(square(t))).reduce((total, s) => add(total, s));
}

/** The Euclidean norm of all tensors taken as one vector. */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  return sqrt(sumOfSquares(tensors));
}
