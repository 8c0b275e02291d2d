import type { Dimension, Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastTo } from "./broadcast.ts";
import { reshape } from "./shape.ts";

/** The shape of one entry along the leading axis. */
function entryShape(x: Tensor, batched: boolean): Shape {
  return batched ? x.shape.slice(1) : x.shape;
}

/**
 * Operands of an elementwise operation over a leading axis: dimensions of size 1 go between the leading axis and the
 * rest where an entry has fewer dimensions than the others, so that broadcasting stays what it was.
 */
export function alignLeading(inputs: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const rank = Math.max(...inputs.map((x, i) => entryShape(x, batched[i]).length));
  return inputs.map((x, i) => {
    const missing = rank - (x.shape.length - 1);
    if (!batched[i] || missing === 0) return x;
    return reshape(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
  });
}

/** `x` with the leading axis: as it is, or repeated along it. */
export function withLeading(x: Tensor, batched: boolean, size: Dimension): Tensor {
  return batched ? x : broadcastTo(reshape(x, [1, ...x.shape]), [size, ...x.shape]);
}
