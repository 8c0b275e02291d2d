import type { Emitter } from "../onnx/emit.ts";

/** Indices beyond which the model would grow by more than 256 KiB for an order of entries. */
const MOST_INDICES = 2 ** 15;

/** Whether a constant may say where so many entries are. */
export function fitsOrder(count: number): boolean {
  return count <= MOST_INDICES;
}

/**
 * The entries of a tensor at given places, as a vector: a single pass on one thread, where a Transpose of some thousand
 * entries wakes the others.
 *
 * @param key of the places; equal keys have equal places
 */
export function entriesAt(emit: Emitter, x: string, key: string, places: readonly number[]): string {
  const flat = emit.node("Reshape", [x, emit.integers([-1])]);
  return emit.node("GatherElements", [flat, emit.manyIntegers(key, places)], { axis: 0 });
}
