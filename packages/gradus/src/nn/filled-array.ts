import { type ArrayValue, array, type FloatType } from "@gradus/graph";
import { checkOneOf } from "../check/options.ts";

/**
 * An array filled with one value.
 *
 * @throws ArgumentError for an unknown dtype
 */
export function filledArray(shape: readonly number[], value: number, dtype: FloatType): ArrayValue {
  checkOneOf(["f32", "f64"], { dtype });
  const length = shape.reduce((product, size) => product * size, 1);
  const data = dtype === "f32" ? new Float32Array(length) : new Float64Array(length);
  return array(data.fill(value), shape);
}
