import { toNumbers } from "../arrays.ts";
import { type DataArray, type DType, isFloat } from "../dtype.ts";
import { UnsupportedError } from "../errors.ts";
import { stack } from "../ops/concat.ts";
import { size } from "../ops/shape.ts";
import type { Dimension } from "../shape.ts";
import { type ConstantAttributes, constant, constantOp, type Tensor } from "../tensor.ts";

/**
 * Integers that describe shapes, of which some are sizes that each run determines: what the operators Shape, Gather and
 * Concat make of the shapes of a model's inputs.
 */
export interface Sizes {
  readonly sizes: readonly Dimension[];
  /** Whether it is a single number without dimensions. */
  readonly single: boolean;
}

/** A list of tensors. */
export interface Sequence {
  readonly items: readonly Tensor[];
}

/** A value of a model's graph. */
export type Value = Tensor | Sizes | Sequence;

export function isSequence(value: Value): value is Sequence {
  return "items" in value;
}

export function isSizes(value: Value): value is Sizes {
  return "sizes" in value;
}

/** An array whose elements are known while the model is imported. */
export interface Known {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: DataArray;
}

/** More elements than this are left to the graph. */
export const MOST_FOLDED = 4096;

/** The elements of a value if they are known. */
export function knownOf(value: Value): Known | undefined {
  if (isSequence(value)) return undefined;
  if (!isSizes(value)) return value.op === constantOp ? (value.attributes as ConstantAttributes) : undefined;
  const { sizes, single } = value;
  if (!sizes.every((d) => typeof d === "number")) return undefined;
  return { dtype: "i64", shape: single ? [] : [sizes.length], data: BigInt64Array.from(sizes, BigInt) };
}

/** The known elements of a value that is small enough to compute with while the model is imported. */
export function smallKnown(value: Value): Known | undefined {
  const known = knownOf(value);
  return known && known.data.length <= MOST_FOLDED ? known : undefined;
}

/** A value as a tensor. */
export function tensorOf(value: Value): Tensor {
  if (isSequence(value)) throw new UnsupportedError("a sequence of tensors is used as a tensor");
  if (!isSizes(value)) return value;
  const known = knownOf(value);
  if (known) return constant(known.data, known.shape);
  const each = value.sizes.map((d) => size([d], "i64"));
  return value.single ? each[0] : stack(each);
}

/** Integers as dimensions, if they are known or sizes of the inputs. */
export function dimensionsOf(value: Value): readonly Dimension[] | undefined {
  if (isSizes(value)) return value.sizes;
  const known = knownOf(value);
  return known && known.dtype === "i64" && known.shape.length <= 1 ? toNumbers(known) : undefined;
}

/** Known elements as a constant of the element type. */
export function constantFrom(dtype: DType, values: readonly number[], shape: readonly number[]): Tensor {
  switch (dtype) {
    case "f32":
      return constant(Float32Array.from(values), shape);
    case "f64":
      return constant(Float64Array.from(values), shape);
    case "bool":
      return constant(
        Uint8Array.from(values, (v) => (v ? 1 : 0)),
        shape,
      );
    case "i64":
      return constant(
        BigInt64Array.from(values, (v) => BigInt(Math.trunc(v))),
        shape,
      );
  }
}

/** Whether a number is exact in arithmetic with integers of 64 bits as JavaScript numbers. */
export function isExact({ dtype, data }: Known): boolean {
  return isFloat(dtype) || dtype === "bool" || [...data].map(Number).every(Number.isSafeInteger);
}

/** What to do where a result has no shape for all sizes of the named dimensions. */
export const SIZES_AS_NUMBERS =
  "apply the model to inputs whose sizes are numbers, but for the batch, or export it with these sizes fixed";

/** @throws UnsupportedError naming what must be known */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new UnsupportedError(
      `${what} must be known while the model is imported: it depends on the inputs; if on the numbers of one of them, give that input as a constant; if on their sizes alone, ${SIZES_AS_NUMBERS}`,
    );
  return value;
}
