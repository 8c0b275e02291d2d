import { shown } from "./check.ts";
import { TypeMismatchError } from "./errors.ts";

/** Element types: IEEE float32 and float64, 64-bit integers and booleans. */
export type DType = "f32" | "f64" | "i64" | "bool";

/** Types that carry derivatives. */
export type FloatType = "f32" | "f64";

/** The typed array that holds each element type. */
export interface ArrayOf {
  f32: Float32Array;
  f64: Float64Array;
  i64: BigInt64Array;
  bool: Uint8Array;
}

/** The elements of an array: one of the typed arrays of `ArrayOf`. */
export type DataArray = ArrayOf[DType];

/** @throws TypeMismatchError unless it is an element type */
export function checkDType(argument: string, dtype: unknown): asserts dtype is DType {
  if (dtype !== "f32" && dtype !== "f64" && dtype !== "i64" && dtype !== "bool")
    throw new TypeMismatchError(
      `${argument}: the element type must be "f32", "f64", "i64" or "bool", got ${shown(dtype)}`,
    );
}

/** Whether a type carries derivatives. */
export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === "f32" || dtype === "f64";
}

/** A zeroed array of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): ArrayOf[D];
export function allocate(dtype: DType, length: number): DataArray {
  switch (dtype) {
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
    case "i64":
      return new BigInt64Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}

/** The element type of an array; undefined for values that are not arrays of `ArrayOf`. */
export function dtypeOf(data: DataArray): DType;
export function dtypeOf(data: unknown): DType | undefined;
export function dtypeOf(data: unknown): DType | undefined {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof BigInt64Array) return "i64";
  return data instanceof Uint8Array ? "bool" : undefined;
}
