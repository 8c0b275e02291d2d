import { TypeMismatchError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { equal, greater, not } from "./compare.ts";
import { checkReduceOptions, type ReduceOptions, sum } from "./reduce.ts";
import { cast } from "./select.ts";

function count(operation: string, x: Tensor, options: ReduceOptions): Tensor {
  checkReduceOptions(operation, options);
  if (x.dtype !== "bool") throw new TypeMismatchError(`${operation}: expected booleans, got ${x.dtype}`);
  return sum(cast(x, "i64"), options);
}

/** Whether any element is true over `axes`; false if there are no elements. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  return greater(count("any", x, options), 0);
}

/** Whether all elements are true over `axes`; true if there are no elements. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  return equal(count("all", not(x), options), 0);
}
