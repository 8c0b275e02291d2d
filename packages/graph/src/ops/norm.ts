import { floatType, type Tensor } from "../tensor.ts";
import { equal } from "./compare.ts";
import { checkReduceOptions, type ReduceOptions, sum } from "./reduce.ts";
import { where } from "./select.ts";
import { sqrt, square } from "./unary.ts";

/**
 * The Euclidean norm over `axes`, sqrt(sum(x^2)). Its derivative is x/|x|, and 0 at x = 0, where none exists. The
 * squares must not overflow.
 */
export function norm(x: Tensor, options: ReduceOptions = {}): Tensor {
  floatType("norm", x);
  checkReduceOptions("norm", options);
  const squares = sum(square(x), options);
  const vanishes = equal(squares, 0);
  return where(vanishes, 0, sqrt(where(vanishes, 1, squares)));
}
