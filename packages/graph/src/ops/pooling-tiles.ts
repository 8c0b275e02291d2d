import type { Emitter } from "../onnx/emit.ts";
import { type Shape, sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { and, equal, not } from "./compare.ts";
import { concat } from "./concat.ts";
import { where } from "./select.ts";
import { expandDims, reshape } from "./shape.ts";
import { entriesAlong } from "./slice.ts";
import { leadingOf, type Windows } from "./windows.ts";

/** For windows with more entries than this, ONNX Runtime's kernel finds the maxima faster. */
const LARGEST_TILE = 9;

/** Whether windows are adjacent, cover the input and have few entries: masks are then twice as fast as indices. */
export function areTiles({ kernel, strides, dilations, before, input, output }: Windows): boolean {
  const tiled = kernel.every(
    (size, i) =>
      size === strides[i] && dilations[i] === 1 && before[i] === 0 && size * output[i] === input[i],
  );
  return tiled && sizeOfShape(kernel) <= LARGEST_TILE;
}

/** Splits a dimension into tiles of `size`: for each position in a tile, the entries there. */
function unzip(x: Tensor, axis: number, size: number): Tensor[] {
  if (size === 1) return [x];
  const { shape } = x;
  const count = Number(shape[axis]) / size;
  // The dimensions after it are merged into one, so that ONNX Runtime splits without transposing.
  const behind = sizeOfShape(shape.slice(axis + 1).map(Number));
  const tiles = reshape(x, [...shape.slice(0, axis), count, size, behind]);
  return entriesAlong(tiles, axis + 1).map((part) => reshape(part, shape.with(axis, count)));
}

/** The transpose of `unzip`. */
function zip(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0];
  const { shape } = parts[0];
  const places = concat(
    parts.map((part) => expandDims(part, axis + 1)),
    { axis: axis + 1 },
  );
  return reshape(places, shape.with(axis, Number(shape[axis]) * parts.length));
}

/**
 * Emits the averages of float32 tiles: sums along one axis after the other, of parts that are added entry by entry. ONNX
 * Runtime's kernel takes 2.3 to 9 times as long for tiles of 2 x 2 (1.30; 64 x 32 images of 8 x 8, 8 x 8 of 32 x 32).
 *
 * @param output shape of the averages
 */
export function lowerTileAverages(emit: Emitter, x: string, windows: Windows, output: Shape): string {
  const sizes = [...windows.input];
  const sums = windows.kernel.reduce((entries, size, axis) => {
    if (size === 1) return entries;
    const behind = sizeOfShape(sizes.slice(axis + 1));
    sizes[axis] /= size;
    const tiles = emit.node("Reshape", [entries, emit.integers([-1, size, behind])]);
    const ones = emit.integers(new Array(size).fill(1));
    return emit
      .nodeWith("Split", [tiles, ones], { axis: 1 }, size)
      .reduce((a, b) => emit.node("Add", [a, b]));
  }, x);
  const means = emit.node("Mul", [sums, emit.scalar("f32", 1 / sizeOfShape(windows.kernel), 3)]);
  return emit.reshape(means, output);
}

/** For each position in a window, in row-major order, the entries there of all windows. */
function entriesAt(x: Tensor, { kernel }: Windows): Tensor[] {
  const first = x.shape.length - kernel.length;
  return kernel.reduce((parts, size, i) => parts.flatMap((part) => unzip(part, first + i, size)), [x]);
}

/** For each position in a window, whether the first of the largest entries is there. */
function firstLargest(x: Tensor, largest: Tensor, windows: Windows): Tensor[] {
  let open: Tensor | undefined;
  const entries = entriesAt(x, windows);
  return entries.map((entry, place) => {
    if (open && place === entries.length - 1) return open;
    const found = equal(entry, largest);
    const hit = open ? and(open, found) : found;
    open = open ? and(open, not(found)) : not(found);
    return hit;
  });
}

/** The transpose of x -> max over tiles. */
export function spreadToLargest(x: Tensor, largest: Tensor, cotangent: Tensor, windows: Windows): Tensor {
  const { kernel } = windows;
  const leading = leadingOf(x.shape, kernel.length);
  let parts = firstLargest(x, largest, windows).map((hit) => where(hit, cotangent, 0));
  for (let i = kernel.length - 1; i >= 0; i--) {
    const size = kernel[i];
    const rows = parts;
    parts = Array.from({ length: rows.length / size }, (_, k) =>
      zip(rows.slice(k * size, (k + 1) * size), leading.length + i),
    );
  }
  return parts[0];
}

/** The entries of `tangent` where those of x are the largest. */
export function pickLargest(x: Tensor, largest: Tensor, tangent: Tensor, windows: Windows): Tensor {
  const entries = entriesAt(tangent, windows);
  return firstLargest(x, largest, windows)
    .slice(0, -1)
    .reduceRight((picked, hit, place) => where(hit, entries[place], picked), entries[entries.length - 1]);
}
