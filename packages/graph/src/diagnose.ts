import { resolved } from "./dimension-polynomials.ts";
import { GraphError, IndexError, ShapeError } from "./errors.ts";
import { findIndexOutside, type IndexedInputs, indexedInputs } from "./index-range.ts";
import type { InputSlot } from "./inputs.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { reachable } from "./tensor.ts";
import type { NamedTensor } from "./trace.ts";

/** A program's requirements on its inputs beyond their types and shapes. */
export interface Requirements {
  readonly indexed: IndexedInputs;
  /** Minimum sizes of named dimensions below which an operation has no result. */
  readonly sizes: readonly LeastSize[];
  /** Those below which it would have another result than it should. */
  readonly assumed: readonly LeastSize[];
}

interface LeastSize {
  readonly operation: string;
  readonly dimension: string;
  readonly least: number;
}

export function requirementsOf({
  inputs,
  outputs,
}: {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}): Requirements {
  const nodes = reachable(outputs.map(({ tensor }) => tensor));
  const wanted = nodes.flatMap((node) => {
    const least = node.op.leastSize?.({ inputs: node.inputs, output: node, attributes: node.attributes });
    if (typeof least?.size !== "string" || (least.least <= 0 && !least.assumed)) return [];
    const { operation, size: dimension, assumed = false } = least;
    return [{ operation, dimension, least: least.least, assumed }];
  });
  return {
    indexed: indexedInputs(inputs, nodes),
    sizes: wanted.filter(({ assumed }) => !assumed),
    assumed: wanted.filter(({ assumed }) => assumed),
  };
}

/** The sizes of the named dimensions in a run. */
function sizesOf(slots: readonly InputSlot[], values: readonly ArrayValue[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  slots.forEach(({ spec }, i) => {
    spec.shape.forEach((dimension, axis) => {
      if (typeof dimension === "string") sizes.set(dimension, values[i].shape[axis]);
    });
  });
  return sizes;
}

/** A description of the first size below its minimum; undefined if there is none. */
function tooSmall(wanted: readonly LeastSize[], sizes: ReadonlyMap<string, number>): string | undefined {
  for (const { operation, dimension, least } of wanted) {
    const size = resolved(dimension, sizes);
    if (size !== undefined && size < least)
      return `${operation}: dimension ${dimension} must be at least ${least}, got ${size}`;
  }
  return undefined;
}

/** @throws ShapeError when a run's sizes are not those for which the program was made */
export function checkAssumed(
  slots: readonly InputSlot[],
  values: readonly ArrayValue[],
  { assumed }: Requirements,
): void {
  if (assumed.length === 0) return;
  const small = tooSmall(assumed, sizesOf(slots, values));
  if (small !== undefined) throw new ShapeError(small);
}

/**
 * The error of a failed run, naming the input that caused it if it can be found. Inputs are checked only after a
 * failure, since a check before every run would cost time.
 */
export function diagnose(
  error: unknown,
  slots: readonly InputSlot[],
  values: readonly ArrayValue[],
  { indexed, sizes: wanted }: Requirements,
): unknown {
  if (!(error instanceof GraphError)) return error;
  const sizes = sizesOf(slots, values);
  const small = tooSmall(wanted, sizes);
  if (small !== undefined) return new ShapeError(small, { cause: error });
  const names = slots.map(({ name }) => name);
  const outside = findIndexOutside(names, values, indexed, sizes);
  return outside === undefined ? error : new IndexError(outside, { cause: error });
}
