import { checkOptions } from "../check.ts";
import { ShapeError } from "../errors.ts";
import { type Dimension, formatShape, normalizeAxes } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";
import { takeAlong } from "./along.ts";

interface FirstAttributes {
  readonly axis: number;
  readonly count: Dimension;
  readonly largest: boolean;
}

/** The indices of the first entries in order; ONNX's TopK puts the lower index first for equal entries. */
const firstPlacesOp: Op<FirstAttributes> = {
  name: "firstPlaces",
  type: ([{ shape }], { axis, count }) => ({ dtype: "i64", shape: shape.with(axis, count) }),
  lower: (emit, [x], { inputs: [{ dtype, shape }], output, attributes: { axis, count, largest } }) => {
    const others = shape.filter((_, i) => i !== axis);
    if (others.includes(0))
      return emit.node("Expand", [emit.scalar("i64", 0, 0), emit.shapeVector(output.shape)]);
    const places = (of: string) =>
      emit.nodeWith(
        "TopK",
        [of, emit.shapeVector([count])],
        { axis, largest: largest ? 1 : 0, sorted: 1 },
        2,
      )[1];
    const named = [...shape.keys()].filter((i) => i !== axis && typeof shape[i] === "string");
    if (named.length === 0) return places(x);
    // ONNX Runtime divides by the number of rows and crashes the process if there are none, so one row is added.
    const none = shape.map(() => 0);
    const pads = emit.integers([...none, ...none.map((_, i) => (named.includes(i) ? 1 : 0))]);
    const of = places(emit.node("Pad", [x, pads, emit.scalar(dtype, 0, 0)]));
    const each = (value: number) => emit.integers(named.map(() => value));
    return emit.node("Slice", [of, each(0), each(-1), emit.integers(named), each(1)]);
  },
  leastSize: ({ inputs: [x], attributes: { axis, count } }) => ({
    operation: "topK",
    size: x.shape[axis],
    least: typeof count === "number" ? count : 0,
  }),
  vmap: ([x], _, { axis, ...rest }) => apply(firstPlacesOp, [x], { axis: axis + 1, ...rest }),
};

export interface SortOptions {
  readonly axis?: number;
  /** Sort from the largest to the smallest. */
  readonly descending?: boolean;
}

/**
 * The indices of the entries along an axis in ascending order (equal ones in their original order), as i64, without
 * derivative. The order is undefined if there are NaNs.
 */
export function argSort(x: Tensor, options: SortOptions = {}): Tensor {
  checkOptions("argSort", options, ["axis", "descending"]);
  const { axis = -1, descending = false } = options;
  const [along] = normalizeAxes("argSort", x.shape.length, axis);
  return apply(firstPlacesOp, [x], { axis: along, count: x.shape[along], largest: descending });
}

/** Sorts the entries along an axis in ascending order. The derivative follows the entries. */
export function sort(x: Tensor, options: SortOptions = {}): Tensor {
  checkOptions("sort", options, ["axis", "descending"]);
  return takeAlong(x, argSort(x, options), { axis: options.axis });
}

/**
 * The `count` largest entries along an axis, in descending order, and their indices. The derivative of the values
 * follows the entries.
 *
 * @throws ShapeError when `count` is not an integer from 0 to the size along the axis
 */
export function topK(
  x: Tensor,
  count: number,
  options: { readonly axis?: number } = {},
): { readonly values: Tensor; readonly indices: Tensor } {
  checkOptions("topK", options, ["axis"]);
  const { axis = -1 } = options;
  const [along] = normalizeAxes("topK", x.shape.length, axis);
  const size = x.shape[along];
  if (!Number.isSafeInteger(count) || count < 0 || (typeof size === "number" && count > size))
    throw new ShapeError(
      `topK: count must be an integer from 0 to dimension ${along} of ${formatShape(x.shape)}, got ${count}`,
    );
  const indices = apply(firstPlacesOp, [x], { axis: along, count, largest: true });
  return { values: takeAlong(x, indices, { axis: along }), indices };
}
