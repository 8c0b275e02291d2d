import { differenceOf, sumOf } from "../dimension-polynomials.ts";
import type { Dimension } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
import { full } from "./indexing.ts";
import { cut } from "./slice.ts";

export interface CutAttributes {
  readonly axis: number;
  readonly start: Dimension;
  readonly length: Dimension;
}

export const cutOp: Op<CutAttributes> = {
  name: "cut",
  type: ([{ dtype, shape }], { axis, length }) => ({ dtype, shape: shape.with(axis, length) }),
  vjp: ({ inputs: [{ shape, dtype }], attributes: { axis, start, length } }, cotangent) => {
    const zeros = (size: Dimension) =>
      size === 0 || dtype === "bool" ? [] : [full(shape.with(axis, size), 0, dtype)];
    const rest = differenceOf(shape[axis], sumOf(start, length));
    return [concat([...zeros(start), cotangent, ...zeros(rest)], { axis })];
  },
  jvp: ({ attributes }, [tangent]) => tangent && apply(cutOp, [tangent], attributes),
  lower: (emit, [x], { attributes: { axis, start, length } }) => {
    const bounds = [start, sumOf(start, length)].map((d) => emit.shapeVector([d]));
    return emit.node("Slice", [x, ...bounds, emit.integers([axis])]);
  },
  vmap: ([x], _, { axis, ...rest }) => apply(cutOp, [x], { axis: axis + 1, ...rest }),
};

/** `length` entries along `axis` from `start` on, any of which may be named. */
export function cutBetween(x: Tensor, axis: number, start: Dimension, length: Dimension): Tensor {
  if (start === 0 && length === x.shape[axis]) return x;
  return [start, length, x.shape[axis]].every((d) => typeof d === "number")
    ? cut(x, axis, Number(start), Number(length))
    : apply(cutOp, [x], { axis, start, length });
}
