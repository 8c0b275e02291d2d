import { type DataArray, dtypeOf } from "./dtype.ts";
import { InputError, TypeMismatchError } from "./errors.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { formatShape, sizeOfShape } from "./shape.ts";
import { constant, type Tensor, type TensorSpec } from "./tensor.ts";
import { flattenTree, type MapTree, type Tree, unflattenTree } from "./tree.ts";

/** Whether a value is an array with its type and shape. */
export function isArrayValue(value: unknown): value is ArrayValue {
  return (
    typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value
  );
}

/** An array with its shape; the shape is the data's length when left out, and must hold all the data. */
export function array(data: DataArray, shape: readonly number[] = [data.length]): ArrayValue {
  if (sizeOfShape(shape) !== data.length)
    throw new InputError(
      `array: shape ${formatShape(shape)} holds ${sizeOfShape(shape)} elements, data has ${data.length}`,
    );
  return { dtype: dtypeOf(data), shape, data };
}

/** The number that a one-element array holds. */
export function item(value: ArrayValue): number {
  if (value.data.length !== 1)
    throw new TypeMismatchError(`item: wants one element, got ${formatShape(value.shape)}`);
  return Number(value.data[0]);
}

/** The elements of an array as numbers; booleans become 0 and 1. */
export function toNumbers({ data }: ArrayValue): number[] {
  return data instanceof BigInt64Array ? Array.from(data, Number) : Array.from(data);
}

/**
 * The data of a floating-point array, not copied.
 *
 * @throws TypeMismatchError for integers and booleans
 */
export function floatData({ data, dtype }: ArrayValue): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new TypeMismatchError(`floatData: wants f32 or f64, got ${dtype}`);
}

/** The signature of arrays at hand: their types and shapes. */
export function specsOf<V extends Tree<ArrayValue>>(values: V): MapTree<V, ArrayValue, TensorSpec> {
  const { leaves, structure } = flattenTree(values, isArrayValue);
  return unflattenTree(
    structure,
    leaves.map(({ dtype, shape }) => ({ dtype, shape })),
  ) as MapTree<V, ArrayValue, TensorSpec>;
}

/**
 * Arrays at hand as constants of the function being traced: the closure's way to trained parameters or to fixed data.
 *
 * @param values a tree of arrays; their data are read when the program is compiled
 * @throws ShapeError when a shape does not hold as many elements as its data
 */
export function constants<V extends Tree<ArrayValue>>(values: V): MapTree<V, ArrayValue, Tensor> {
  const { leaves, structure } = flattenTree(values, isArrayValue);
  return unflattenTree(
    structure,
    leaves.map(({ data, shape }) => constant(data, shape)),
  ) as MapTree<V, ArrayValue, Tensor>;
}
