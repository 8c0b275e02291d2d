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
  readonly sizes: readonly {
    readonly operation: string;
    readonly dimension: string;
    readonly least: number;
  }[];
}

export function requirementsOf({
  inputs,
  outputs,
}: {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}): Requirements {
  const nodes = reachable(outputs.map(({ tensor }) => tensor));
  const sizes = nodes.flatMap((node) => {
    const wanted = node.op.leastSize?.({ inputs: node.inputs, output: node, attributes: node.attributes });
    return typeof wanted?.size === "string" && wanted.least > 0
      ? [{ operation: wanted.operation, dimension: wanted.size, least: wanted.least }]
      : [];
  });
  return { indexed: indexedInputs(inputs, nodes), sizes };
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
  const sizes = new Map<string, number>();
  slots.forEach(({ spec }, i) => {
    spec.shape.forEach((dimension, axis) => {
      if (typeof dimension === "string") sizes.set(dimension, values[i].shape[axis]);
    });
  });
  for (const { operation, dimension, least } of wanted) {
    const size = resolved(dimension, sizes);
    if (size !== undefined && size < least)
      return new ShapeError(`${operation}: dimension ${dimension} must be at least ${least}, got ${size}`, {
        cause: error,
      });
  }
  const names = slots.map(({ name }) => name);
  const outside = findIndexOutside(names, values, indexed, sizes);
  return outside === undefined ? error : new IndexError(outside, { cause: error });
}
