import type { Dimension } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";

interface AssumedAttributes {
  readonly operation: string;
  readonly size: Dimension;
  readonly least: number;
}

const assumedOp: Op<AssumedAttributes> = {
  name: "assumed",
  type: ([{ dtype, shape }]) => ({ dtype, shape }),
  vjp: ({ attributes }, cotangent) => [apply(assumedOp, [cotangent], attributes)],
  jvp: ({ attributes }, [tangent]) => tangent && apply(assumedOp, [tangent], attributes),
  lower: (_, [x]) => x,
  vmap: (inputs, _, attributes) => apply(assumedOp, inputs, attributes),
  leastSize: ({ attributes }) => ({ ...attributes, assumed: true }),
};

/** `x`, in programs whose runs are refused with a ShapeError where `size` is less than `least`. */
export function assumed(x: Tensor, operation: string, size: Dimension, least: number): Tensor {
  return apply(assumedOp, [x], { operation, size, least });
}
