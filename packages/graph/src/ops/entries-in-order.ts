import type { Emitter } from "../onnx/emit.ts";
import { isStatic, sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshapeOp, transposeOp } from "./shape.ts";
import { flipOp } from "./slice.ts";

/** Indices beyond which the model would grow by more than 256 KiB for an order of entries. */
const MOST_INDICES = 2 ** 15;

/** Whether a constant may hold the places of this many entries. */
export function fitsOrder(count: number): boolean {
  return count <= MOST_INDICES;
}

/** A tensor as a vector. */
export function flattened(emit: Emitter, x: string): string {
  return emit.once(`entries of ${x}`, () => emit.node("Reshape", [x, emit.integers([-1])]));
}

/**
 * The entries of a vector at given places: a single pass on one thread, where a Transpose of some thousand entries wakes the
 * others.
 *
 * @param key of the places; equal keys have equal places
 */
export function entriesAt(emit: Emitter, flat: string, key: string, places: readonly number[]): string {
  return emit.node("GatherElements", [flat, emit.manyIntegers(key, places)], { axis: 0 });
}

/** Row-major places in a tensor, from the first one and the steps along the axes of the result. */
function placesBy(sizes: readonly number[], first: number, steps: readonly number[]): number[] {
  return sizes.reduce(
    (places, size, axis) =>
      places.flatMap((place) => Array.from({ length: size }, (_, k) => place + k * steps[axis])),
    [first],
  );
}

/** Where the entries of a tensor are in its only input; undefined unless it has the same ones in another order. */
function placesInInput({ op, inputs, attributes, shape }: Tensor): readonly number[] | undefined {
  if (op !== reshapeOp && op !== transposeOp && op !== flipOp) return undefined;
  const sizes = shape.map(Number);
  if (op === reshapeOp) return Array.from({ length: sizeOfShape(sizes) }, (_, k) => k);
  const from = inputs[0].shape.map(Number);
  const steps = from.map((_, axis) => sizeOfShape(from.slice(axis + 1)));
  if (op === transposeOp) {
    const { permutation } = attributes as { readonly permutation: readonly number[] };
    const moved = permutation.map((axis) => steps[axis]);
    return placesBy(sizes, 0, moved);
  }
  const { axes } = attributes as { readonly axes: readonly number[] };
  const last = axes.reduce((sum, axis) => sum + (sizes[axis] - 1) * steps[axis], 0);
  const backward = steps.map((step, axis) => (axes.includes(axis) ? -step : step));
  return placesBy(sizes, last, backward);
}

/** The tensor whose entries another one has in another order, and where each is in it. */
export interface Source {
  readonly source: Tensor;
  readonly places: readonly number[];
}

/** Follows reshaped, transposed and flipped tensors to where their entries come from. */
export function sourceOf(tensor: Tensor): Source {
  const places = isStatic(tensor.shape) ? placesInInput(tensor) : undefined;
  if (places === undefined)
    return {
      source: tensor,
      places: Array.from({ length: sizeOfShape(tensor.shape.map(Number)) }, (_, k) => k),
    };
  const before = sourceOf(tensor.inputs[0]);
  return { source: before.source, places: places.map((place) => before.places[place]) };
}
