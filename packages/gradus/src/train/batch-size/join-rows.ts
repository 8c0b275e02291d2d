import { type ArrayValue, type DataArray, flattenTree, unflattenTree } from "@gradus/graph";
import type { Values } from "../contract.ts";
import { isArray } from "../signature.ts";

interface Settable<A> {
  set(values: A, at?: number): void;
  readonly length: number;
}

function joined<A extends Settable<A>>(all: A, first: A, second: A): A {
  all.set(first);
  all.set(second, first.length);
  return all;
}

function joinedData(a: DataArray, b: DataArray): DataArray {
  const length = a.length + b.length;
  if (a instanceof Float32Array && b instanceof Float32Array)
    return joined<Float32Array>(new Float32Array(length), a, b);
  if (a instanceof Float64Array && b instanceof Float64Array)
    return joined<Float64Array>(new Float64Array(length), a, b);
  if (a instanceof BigInt64Array && b instanceof BigInt64Array)
    return joined<BigInt64Array>(new BigInt64Array(length), a, b);
  return Uint8Array.from([...a, ...b], Number);
}

/** The rows of one batch and then those of another of the same structure. */
export function joinRows<D extends Values>(first: D, second: D): D {
  const { leaves, structure } = flattenTree(first, isArray);
  const others = flattenTree(second, isArray).leaves;
  const parts = leaves.map(({ dtype, shape: [rows, ...rest], data }, i): ArrayValue => {
    const other = others[i];
    return { dtype, shape: [rows + other.shape[0], ...rest], data: joinedData(data, other.data) };
  });
  return unflattenTree(structure, parts) as D; // the structure is that of `first`
}
