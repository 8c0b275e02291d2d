import { type ArrayValue, array, type FloatType } from "@gradus/graph";
import { zerosOf } from "../check/arrays.ts";
import { checkOneOf } from "../check/options.ts";

/**
 * Zeros of a shape.
 *
 * @throws ArgumentError naming the sizes where there is no room for them
 */
export const zerosOfShape = (shape: readonly number[], dtype: FloatType) =>
  zerosOf(Object.fromEntries(shape.map((size, axis) => [`shape[${axis}]`, size])), dtype);

/**
 * An array filled with one value.
 *
 * @throws ArgumentError for an unknown dtype, or where there is no room for the array
 */
export function filledArray(shape: readonly number[], value: number, dtype: FloatType): ArrayValue {
  checkOneOf(["f32", "f64"], { dtype });
  return array(zerosOfShape(shape, dtype).fill(value), shape);
}
