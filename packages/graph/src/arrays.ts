import { shown } from "./check.ts";
import { type DataArray, type DType, dtypeOf, type FloatType } from "./dtype.ts";
import { InputError, TypeMismatchError } from "./errors.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { formatShape, sizeOfShape } from "./shape.ts";
import { constant, type Tensor, type TensorSpec } from "./tensor.ts";
import { flattenTree, type MapTree, type Tree, unflattenTree } from "./tree.ts";

/** Whether a value is an array with an element type and a shape. */
export function isArrayValue(value: unknown): value is ArrayValue {
  return (
    typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value
  );
}

/** A dense matrix, row-major. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array | Float64Array;
}

/**
 * An array of any shape from its elements in row-major order, or from a dense matrix; the data are not copied.
 *
 *     array(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 *     array({ rows: 2, columns: 3, values: Float64Array.of(1, 2, 3, 4, 5, 6) });
 *
 * @param shape must have as many elements as the data; defaults to `[data.length]`
 * @throws InputError for other data, for a dimension that is not a non-negative integer, or when the sizes differ
 */
export function array(matrix: Matrix): ArrayValue<FloatType>;
export function array(data: Float32Array, shape?: readonly number[]): ArrayValue<"f32">;
export function array(data: Float64Array, shape?: readonly number[]): ArrayValue<"f64">;
export function array(data: BigInt64Array, shape?: readonly number[]): ArrayValue<"i64">;
export function array(data: Uint8Array, shape?: readonly number[]): ArrayValue<"bool">;
export function array(data: Float32Array | Float64Array, shape?: readonly number[]): ArrayValue<FloatType>;
export function array(data: DataArray, shape?: readonly number[]): ArrayValue;
export function array(data: DataArray | Matrix, shape?: readonly number[]): ArrayValue {
  const dtype = dtypeOf(data);
  if (dtype !== undefined) return arrayOf("array", data as DataArray, dtype, shape);
  if (typeof data !== "object" || data === null || !("rows" in data))
    throw new InputError(
      `array: data must be a Float32Array, Float64Array, BigInt64Array or Uint8Array, or a matrix { rows, columns, values }, got ${shown(data)}`,
    );
  if (shape !== undefined)
    throw new InputError(`array: a matrix has its own shape, got the extra shape ${formatShape(shape)}`);
  const { rows, columns, values } = data;
  const float = dtypeOf(values);
  if (float !== "f32" && float !== "f64")
    throw new InputError(
      `array: values of a matrix must be a Float32Array or a Float64Array, got ${shown(values)}`,
    );
  return arrayOf("array: { rows, columns }", values, float, [rows, columns]);
}

function arrayOf(
  argument: string,
  data: DataArray,
  dtype: DType,
  shape: readonly number[] = [data.length],
): ArrayValue {
  for (const dimension of shape)
    if (!(Number.isSafeInteger(dimension) && dimension >= 0))
      throw new InputError(
        `${argument}: dimensions must be non-negative integers, got ${formatShape(shape)}`,
      );
  if (sizeOfShape(shape) !== data.length)
    throw new InputError(
      `${argument}: shape ${formatShape(shape)} holds ${sizeOfShape(shape)} elements, data has ${data.length}`,
    );
  return { dtype, shape, data };
}

/**
 * The element of a one-element array as a number.
 *
 * @throws TypeMismatchError unless the array has exactly one element
 */
export function item(value: ArrayValue): number {
  if (value.data.length !== 1)
    throw new TypeMismatchError(`item: expected one element, got ${formatShape(value.shape)}`);
  return Number(value.data[0]);
}

/**
 * The elements of an array as numbers; booleans become 0 and 1.
 *
 * @throws InputError when its data has other elements than its shape says, as where its buffer was transferred
 */
export function toNumbers({ data, dtype, shape }: ArrayValue): number[] {
  arrayOf("toNumbers", data, dtype, shape);
  return data instanceof BigInt64Array ? Array.from(data, Number) : Array.from(data);
}

/**
 * The data of a floating-point array, not copied.
 *
 * @throws TypeMismatchError for integers and booleans
 */
export function floatData({ data, dtype }: ArrayValue): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new TypeMismatchError(`floatData: expected f32 or f64, got ${dtype}`);
}

/** The signature of a tree of arrays: their element types and shapes. */
export function specsOf<V extends Tree<ArrayValue>>(values: V): MapTree<V, ArrayValue, TensorSpec> {
  const { leaves, structure } = flattenTree(values, isArrayValue);
  return unflattenTree(
    structure,
    leaves.map(({ dtype, shape }) => ({ dtype, shape })),
  ) as MapTree<V, ArrayValue, TensorSpec>;
}

/**
 * A tree of arrays as constants of the function being traced, such as trained parameters or fixed data in a closure.
 *
 * @param values a tree of arrays; their data are read when the program is compiled
 * @throws ShapeError when a shape does not have as many elements as its data
 */
export function constants<V extends Tree<ArrayValue>>(values: V): MapTree<V, ArrayValue, Tensor> {
  const { leaves, structure } = flattenTree(values, isArrayValue);
  return unflattenTree(
    structure,
    leaves.map(({ data, shape }) => constant(data, shape)),
  ) as MapTree<V, ArrayValue, Tensor>;
}
