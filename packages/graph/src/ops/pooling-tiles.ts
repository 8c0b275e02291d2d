import { sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { and, equal, not } from "./compare.ts";
import { concat } from "./concat.ts";
import { where } from "./select.ts";
import { expandDims, reshape } from "./shape.ts";
import { slice } from "./slice.ts";
import { leadingOf, type Windows } from "./windows.ts";

/** Beyond so many entries in a window, places are found faster by ONNX Runtime's kernel. */
const LARGEST_TILE = 9;

/** Windows that lie beside each other and cover the input, few entries each: then masks are twice as fast as places. */
export function areTiles({ kernel, strides, dilations, before, input, output }: Windows): boolean {
  const tiled = kernel.every(
    (size, i) =>
      size === strides[i] && dilations[i] === 1 && before[i] === 0 && size * output[i] === input[i],
  );
  return tiled && sizeOfShape(kernel) <= LARGEST_TILE;
}

/** For each place in a window, in row-major order, the entries at it of all windows. */
function entriesAt(x: Tensor, { kernel }: Windows): Tensor[] {
  const first = x.shape.length - kernel.length;
  return Array.from({ length: sizeOfShape(kernel) }, (_, place) => {
    let rest = place;
    const ranges = kernel
      .map((size, i) => {
        const inner = sizeOfShape(kernel.slice(i + 1));
        const start = Math.floor(rest / inner);
        rest %= inner;
        return { axis: first + i, start, step: size };
      })
      .filter(({ step }) => step > 1);
    return slice(x, ranges);
  });
}

/** For each place in a window whether the first of the largest entries is there. */
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
    const axis = leading.length + i;
    const joined: Tensor[] = [];
    for (let start = 0; start < parts.length; start += kernel[i]) {
      const side = parts.slice(start, start + kernel[i]).map((part) => expandDims(part, axis + 1));
      const { shape } = parts[start];
      joined.push(
        reshape(concat(side, { axis: axis + 1 }), shape.with(axis, Number(shape[axis]) * kernel[i])),
      );
    }
    parts = joined;
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
