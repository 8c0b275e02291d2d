import { isArrayValue } from "./arrays.ts";
import { shown } from "./check.ts";
import { evaluated, namesOf, resolved } from "./dimension-polynomials.ts";
import { allocate, type DataArray, dtypeOf, isFloat } from "./dtype.ts";
import { InputError } from "./errors.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { formatShape, isStatic, type Shape, sizeOfShape } from "./shape.ts";
import type { TensorSpec } from "./tensor.ts";
import type { MapTree, Structure } from "./tree.ts";

/** An input of a run: an array with its shape, or plain data if the signature determines the shape. */
export type InputValue = ArrayValue | DataArray | Int32Array | number | boolean;
/** The inputs of a run: the signature's tree with a value in place of every spec. */
export type Inputs<S> = MapTree<S, TensorSpec, InputValue>;

/** One input of a program: its name in the ONNX file and its type and shape. */
export interface InputSlot {
  readonly name: string;
  readonly spec: TensorSpec;
  /** Number of elements; undefined if the shape has a named dimension. */
  readonly elements: number | undefined;
}

export function inputSlot(name: string, { dtype, shape }: TensorSpec): InputSlot {
  return { name, spec: { dtype, shape }, elements: isStatic(shape) ? sizeOfShape(shape) : undefined };
}

/** The shape of plain data: a single unknown dimension is inferred from the length. */
function inferShape(
  name: string,
  shape: Shape,
  length: number,
  sizes: ReadonlyMap<string, number>,
): number[] {
  const known = shape.map((d) => resolved(d, sizes) ?? d);
  const unknown = [...new Set(known.filter((d) => typeof d === "string"))];
  if (unknown.length > 1 || known.filter((d) => typeof d === "string").length > 1)
    throw new InputError(
      `${name}: plain data do not determine the dimensions ${unknown.join(", ")} of ${formatShape(shape)}; pass { dtype, shape, data }`,
    );
  const rest = sizeOfShape(known.filter((d) => typeof d === "number"));
  const filled = known.map((d) => (typeof d === "string" ? (rest === 0 ? 0 : length / rest) : d));
  if (!filled.every(Number.isInteger) || sizeOfShape(filled) !== length)
    throw new InputError(`${name}: expected data for ${formatShape(known)}, got ${length} elements`);
  return filled;
}

function toArrayValue(
  { name, spec }: InputSlot,
  value: InputValue | null | undefined,
  sizes: Map<string, number>,
): ArrayValue {
  if (value === undefined || value === null)
    throw new InputError(`${name}: missing, expected ${spec.dtype}${formatShape(spec.shape)}`);
  let data: DataArray;
  let given: readonly number[] | undefined;
  if (typeof value === "number" || typeof value === "boolean") {
    const fits =
      isFloat(spec.dtype) ||
      (spec.dtype === "i64"
        ? Number.isSafeInteger(Number(value))
        : Number(value) === 0 || Number(value) === 1);
    if (!fits)
      throw new InputError(
        `${name}: expected ${spec.dtype === "i64" ? "an integer" : "true or false"}, got ${value}`,
      );
    data = allocate(spec.dtype, 1);
    if (data instanceof BigInt64Array) data[0] = BigInt(value);
    else data[0] = Number(value);
    given = [];
  } else if (isArrayValue(value)) {
    data = value.data;
    given = value.shape;
  } else data = value instanceof Int32Array ? BigInt64Array.from(value, BigInt) : value;
  const dtype = dtypeOf(data as unknown);
  if (dtype === undefined)
    throw new InputError(`${name}: expected ${spec.dtype}${formatShape(spec.shape)}, got ${shown(data)}`);
  if (dtype !== spec.dtype)
    throw new InputError(`${name}: expected ${spec.dtype}, got ${dtype} (${data.constructor.name})`);
  if (isArrayValue(value) && value.dtype !== dtype)
    throw new InputError(
      `${name}: dtype is ${value.dtype}, but the data are ${dtype} (${data.constructor.name})`,
    );
  if (given && !given.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new InputError(`${name}: dimensions must be non-negative integers, got ${formatShape(given)}`);
  const shape = given ?? inferShape(name, spec.shape, data.length, sizes);
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((d, i) => {
      const wanted = typeof d === "string" ? (sizes.get(d) ?? shape[i]) : d;
      if (typeof d === "string") sizes.set(d, wanted);
      return wanted === shape[i];
    });
  if (!fits) {
    const named = spec.shape
      .filter((d) => typeof d === "string" && sizes.has(d))
      .map((d) => `${d} = ${sizes.get(String(d))}`);
    throw new InputError(
      `${name}: expected ${formatShape(spec.shape)}${named.length > 0 ? ` with ${named.join(", ")} from this or an earlier input` : ""}, got ${formatShape(shape)}`,
    );
  }
  if (sizeOfShape(shape) !== data.length)
    throw new InputError(
      `${name}: shape ${formatShape(shape)} holds ${sizeOfShape(shape)} elements, data has ${data.length}`,
    );
  checkTruthValues(name, data);
  return { dtype, shape, data };
}

/** Kernels do not agree on whether other bytes are true or false. */
function checkTruthValues(name: string, data: DataArray): void {
  if (!(data instanceof Uint8Array)) return;
  const at = data.findIndex((byte) => byte > 1);
  if (at >= 0) throw new InputError(`${name}: booleans must be 0 or 1, got ${data[at]} at index ${at}`);
}

/** Whether a value is an array of exactly the signature's type and shape, as most inputs are. */
function isWanted({ spec: { dtype, shape }, elements }: InputSlot, value: unknown): value is ArrayValue {
  if (elements === undefined || !isArrayValue(value)) return false;
  if (value.dtype !== dtype || value.data.length !== elements || dtypeOf(value.data) !== dtype) return false;
  if (value.shape.length !== shape.length) return false;
  for (let i = 0; i < shape.length; i++) if (value.shape[i] !== shape[i]) return false;
  return true;
}

const nothing: Readonly<Record<string | number, unknown>> = {};

/** The values at a structure's leaves, in order; undefined where one is missing. */
function pick(slots: readonly InputSlot[], structure: Structure, value: unknown, into: unknown[]): void {
  if (structure.kind === "leaf") {
    into.push(value);
    return;
  }
  const tree: Readonly<Record<string | number, unknown>> =
    typeof value === "object" && value !== null ? (value as Record<string | number, unknown>) : nothing;
  if (structure.kind === "array") {
    if (Array.isArray(value) && value.length > structure.items.length)
      throw new InputError(
        `the list from ${slots[into.length]?.name ?? "the inputs"} on: expected ${structure.items.length} entries, got ${value.length}`,
      );
    for (let i = 0; i < structure.items.length; i++) pick(slots, structure.items[i], tree[i], into);
  } else for (const [key, below] of structure.entries) pick(slots, below, tree[key], into);
}

/**
 * The arrays of a run, in the signature's order, from a tree like the signature's.
 *
 * @throws InputError naming the input that is missing, or whose type or shape does not match the signature
 */
export function arraysOf(slots: readonly InputSlot[], structure: Structure, inputs: unknown): ArrayValue[] {
  const values: unknown[] = [];
  pick(slots, structure, inputs, values);
  const sizes = new Map<string, number>();
  const arrays = slots.map((slot, i) => {
    const value = values[i];
    if (!isWanted(slot, value)) return toArrayValue(slot, value as InputValue | undefined, sizes);
    if (slot.spec.dtype === "bool") checkTruthValues(slot.name, value.data);
    return value;
  });
  if (sizes.size > 1) checkSums(slots, arrays, sizes);
  return arrays;
}

/** Inputs may have named dimensions that are computed from those of other inputs. */
function checkSums(
  slots: readonly InputSlot[],
  arrays: readonly ArrayValue[],
  sizes: ReadonlyMap<string, number>,
): void {
  for (const [i, { name, spec }] of slots.entries())
    for (const [axis, dimension] of spec.shape.entries()) {
      if (typeof dimension === "number" || !/[*+-]/.test(dimension)) continue;
      const wanted = evaluated(dimension, (one) => sizes.get(one));
      if (wanted === undefined || wanted === arrays[i].shape[axis]) continue;
      throw new InputError(
        `${name}: expected ${dimension} = ${wanted} in dimension ${axis}, where ${namesOf(dimension)
          .map((one) => `${one} = ${sizes.get(one)}`)
          .join(", ")}, got ${arrays[i].shape[axis]}`,
      );
    }
}
