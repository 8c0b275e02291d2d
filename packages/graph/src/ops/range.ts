import { checkShape, type Dimension } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";
import { cast } from "./select.ts";

const rangeOp: Op<{ readonly length: Dimension }> = {
  name: "range",
  type: (_, { length }) => ({ dtype: "i64", shape: [length] }),
  lower: (emit, _, { attributes: { length } }) => {
    const end = emit.node("Squeeze", [emit.shapeVector([length])]);
    return emit.node("Range", [emit.scalar("i64", 0, 0), end, emit.scalar("i64", 1, 0)]);
  },
};

/** The integers 0 .. length - 1 as a tensor [length]; the length may be a named dimension. */
export function range(length: Dimension, dtype: "f32" | "f64" | "i64" = "i64"): Tensor {
  checkShape("range: length", [length]);
  return cast(apply(rangeOp, [], { length }), dtype);
}
