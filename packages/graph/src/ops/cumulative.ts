import { checkOptions } from "../check.ts";
import { normalizeAxes } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";

interface CumulativeAttributes {
  readonly axis: number;
  readonly reverse: boolean;
}

const cumSumOp: Op<CumulativeAttributes> = {
  name: "cumSum",
  type: ([{ dtype, shape }]) => ({ dtype, shape }),
  vjp: ({ attributes: { axis, reverse } }, cotangent) => [cumSum(cotangent, { axis, reverse: !reverse })],
  jvp: ({ attributes }, [tangent]) => tangent && cumSum(tangent, attributes),
  lower: (emit, [x], { attributes: { axis, reverse } }) =>
    emit.node("CumSum", [x, emit.scalar("i64", axis, 0)], { reverse: reverse ? 1 : 0 }),
  vmap: ([x], _, { axis, reverse }) => cumSum(x, { axis: axis + 1, reverse }),
};

/** Cumulative sums along an axis, each including its own entry; with `reverse`, sums from each entry to the end. */
export function cumSum(
  x: Tensor,
  options: { readonly axis?: number; readonly reverse?: boolean } = {},
): Tensor {
  checkOptions("cumSum", options, ["axis", "reverse"]);
  const { axis = -1, reverse = false } = options;
  return apply(cumSumOp, [x], { axis: normalizeAxes("cumSum", x.shape.length, axis)[0], reverse });
}
