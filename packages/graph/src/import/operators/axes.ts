import { gather } from "../../ops/indexing.ts";
import { transpose } from "../../ops/shape.ts";
import type { Tensor } from "../../tensor.ts";

/** Moves the dimension at `from` to `to`; the others keep their order. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  if (from === to) return x;
  const order = [...x.shape.keys()].filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
}

/** The entries along an axis at indices of any shape, which replaces the axis. */
export function gatherAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  if (axis === 0) return gather(x, indices);
  const rank = indices.shape.length;
  const rows = gather(moveAxis(x, axis, 0), indices);
  const before = Array.from({ length: axis }, (_, i) => rank + i);
  const own = Array.from({ length: rank }, (_, i) => i);
  const after = Array.from({ length: x.shape.length - axis - 1 }, (_, i) => rank + axis + i);
  return transpose(rows, [...before, ...own, ...after]);
}
