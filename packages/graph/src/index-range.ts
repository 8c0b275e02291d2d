import { resolved } from "./dimension-polynomials.ts";
import { IndexError } from "./errors.ts";
import type { Dimension } from "./shape.ts";
import { type ConstantAttributes, constantOp, inputOp, type Tensor } from "./tensor.ts";

/** A use of integers as indices along an axis. */
export interface IndexUse {
  readonly operation: string;
  /** Size of the axis. */
  readonly size: Dimension;
  /** Whether negative indices count from the end. */
  readonly negative: boolean;
}

/** Operations whose result contains only entries of the first operand (for `concat`, of all operands). */
const rearranging = new Set([
  "broadcastTo",
  "concat",
  "cut",
  "flip",
  "gather",
  "identity",
  "reshape",
  "slice",
  "stopGradient",
  "takeAlong",
  "transpose",
]);

/** The inputs and constants from which the tensor's entries come, as far as that is known. */
function sourcesOf(indices: Tensor, use: IndexUse): readonly (readonly [source: Tensor, use: IndexUse])[] {
  const { op, inputs } = indices;
  if (op === inputOp || op === constantOp) return [[indices, use]];
  if (op.name === "classes")
    return sourcesOf(inputs[0], { ...use, operation: "crossEntropy", negative: false });
  if (!rearranging.has(op.name)) return [];
  return inputs.slice(0, op.name === "concat" ? undefined : 1).flatMap((t) => sourcesOf(t, use));
}

/** A description of the first entry that is out of range; undefined if all are in range. */
function findOutside(
  name: string,
  { shape, data }: ConstantAttributes,
  { operation, size, negative }: IndexUse,
): string | undefined {
  if (typeof size !== "number" || !(data instanceof BigInt64Array)) return undefined;
  const [lowest, end] = [BigInt(negative ? -size : 0), BigInt(size)];
  const at = data.findIndex((index) => index < lowest || index >= end);
  if (at < 0) return undefined;
  let rest = at;
  const place = shape
    .map((_, axis) => {
      const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      const position = Math.floor(rest / stride);
      rest %= stride;
      return position;
    })
    .join(", ");
  const entry = shape.length === 0 ? name : `${name}[${place}]`;
  return size === 0
    ? `${entry} has nothing to index: ${operation} got an axis of size 0 and the index ${data[at]}`
    : `${entry} must be an index from ${lowest} to ${end - 1n} for ${operation}, got ${data[at]}`;
}

/** @throws IndexError when the indices come from a constant and one of them is out of range */
export function assertConstantIndices(operation: string, indices: Tensor, size: Dimension): void {
  for (const [{ op, attributes }, use] of sourcesOf(indices, { operation, size, negative: true })) {
    const outside = op === constantOp && findOutside("indices", attributes as ConstantAttributes, use);
    if (outside) throw new IndexError(`${use.operation}: ${outside}`);
  }
}

/** How a program's inputs are used as indices, by the position of the input. */
export type IndexedInputs = readonly (readonly [input: number, use: IndexUse])[];

/** How the inputs are used as indices by the program's nodes, including those of loop bodies. */
export function indexedInputs(
  inputs: readonly { readonly tensor: Tensor }[],
  nodes: readonly Tensor[],
): IndexedInputs {
  const places = new Map(inputs.map(({ tensor }, i) => [tensor, i]));
  return nodes.flatMap((node) => {
    const indexed = node.op.indexed?.({ inputs: node.inputs, output: node, attributes: node.attributes });
    if (!indexed) return [];
    const { indices, size } = indexed;
    return sourcesOf(indices, { operation: node.op.name, size, negative: true }).flatMap(([source, use]) => {
      const input = places.get(source);
      return input === undefined ? [] : [[input, use] as const];
    });
  });
}

/**
 * A description, naming the input, of an index that is out of range in a run; undefined if there is none.
 *
 * @param sizes the sizes of the named dimensions in this run
 */
export function findIndexOutside(
  names: readonly string[],
  values: readonly ConstantAttributes[],
  indexed: IndexedInputs,
  sizes: ReadonlyMap<string, number>,
): string | undefined {
  for (const [input, use] of indexed) {
    const size = resolved(use.size, sizes) ?? use.size;
    const outside = findOutside(names[input], values[input], { ...use, size });
    if (outside) return outside;
  }
  return undefined;
}
