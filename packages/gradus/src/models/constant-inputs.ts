import {
  type ArrayValue,
  broadcastTo,
  cast,
  constant,
  type Dimension,
  full,
  type NamedSpec,
  type Tensor,
} from "@gradus/graph";
import { shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";

/** An array, one number for all entries, or the numbers of an input of one dimension. */
export type ConstantInput = ArrayValue | number | readonly number[];

const isList = (value: ConstantInput): value is readonly number[] => Array.isArray(value);

/** @throws ArgumentError unless it is a number that the element type holds */
function checkNumber({ name, spec: { dtype } }: NamedSpec, value: number): void {
  const kind =
    dtype === "bool"
      ? value === 0 || value === 1 || "0 or 1"
      : dtype === "i64"
        ? Number.isSafeInteger(value) || "a whole number"
        : Number.isFinite(value) || "a finite number";
  if (kind !== true) throw new ArgumentError(`constants.${name} must be ${kind}, got ${shown(value)}`);
}

function dataOf(dtype: NamedSpec["spec"]["dtype"], values: readonly number[]) {
  switch (dtype) {
    case "f32":
      return Float32Array.from(values);
    case "f64":
      return Float64Array.from(values);
    case "i64":
      return BigInt64Array.from(values, BigInt);
    case "bool":
      return Uint8Array.from(values);
  }
}

/**
 * A constant as an array that the input takes, or a number: a list becomes an array of one dimension.
 *
 * @param input an input with its element type and shape; a size that is a name may be any
 * @throws ArgumentError for a number that the input's type does not hold
 * @throws DataError for an array of another type or shape
 */
export function checkedConstant(input: NamedSpec, given: ConstantInput): ArrayValue | number {
  const { name, spec } = input;
  if (typeof given === "number") {
    checkNumber(input, given);
    return given;
  }
  if (isList(given)) for (const value of given) checkNumber(input, value);
  const value = isList(given)
    ? { dtype: spec.dtype, shape: [given.length], data: dataOf(spec.dtype, given) }
    : given;
  const fits =
    value.dtype === spec.dtype &&
    value.shape.length === spec.shape.length &&
    spec.shape.every((d, axis) => typeof d === "string" || d === value.shape[axis]);
  const text = ({ dtype, shape }: { dtype: string; shape: readonly Dimension[] }) =>
    `${dtype}[${shape.join(", ")}]`;
  if (!fits)
    throw new DataError(
      `constants.${name} must be a number${spec.shape.length > 0 ? ` or ${text(spec)}` : ""}, got ${text(value)}`,
    );
  return value;
}

/** So many entries are given as an array where one number stands for all of them. */
const MOST_KNOWN = 4096;

/** A constant input as a tensor; sizes that its shape leaves open are those of the inputs that are given. */
export function constantTensor(
  { name, spec }: NamedSpec,
  value: ArrayValue | number,
  sizeOf: (dimension: string, axis: number) => Dimension | undefined,
): Tensor {
  if (typeof value !== "number") {
    const own = value.shape.map((size, axis) => {
      const d = spec.shape[axis];
      return (size === 1 && typeof d === "string" ? sizeOf(d, axis) : undefined) ?? size;
    });
    return broadcastTo(constant(value.data, value.shape), own);
  }
  const shape = spec.shape.map((d, axis) => {
    const size = typeof d === "string" ? sizeOf(d, axis) : d;
    if (size === undefined)
      throw new ArgumentError(
        `constants.${name} must be an array of the shape [${spec.shape.join(", ")}]: no other input has the size ${d}`,
      );
    return size;
  });
  const sizes = shape.filter((d) => typeof d === "number");
  const count = sizes.reduce((product, d) => product * d, 1);
  // An array is known while the model is imported: bounds, shapes and conditions have to be.
  if (sizes.length === shape.length && count <= MOST_KNOWN)
    return constant(dataOf(spec.dtype, new Array<number>(count).fill(value)), sizes);
  return spec.dtype === "bool" ? cast(full(shape, value, "i64"), "bool") : full(shape, value, spec.dtype);
}
