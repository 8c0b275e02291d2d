import { type ArrayValue, array, type FloatType } from "@gradus/graph";

/** An array of one value. */
export function filledArray(shape: readonly number[], value: number, dtype: FloatType): ArrayValue {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = dtype === "f32" ? new Float32Array(length) : new Float64Array(length);
  return array(data.fill(value), shape);
}
