import { checkOneOf, checkOptions } from "../check.ts";
import { ShapeError } from "../errors.ts";
import { type Dimension, formatShape } from "../shape.ts";
import { apply, type Op, scalar, type Tensor } from "../tensor.ts";
import { broadcastTo } from "./broadcast.ts";
import { concat } from "./concat.ts";
import { expandDims, reshape } from "./shape.ts";
import { cut } from "./slice.ts";

export interface PadAttributes {
  /** Entries to add before each dimension; negative numbers remove entries. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

export const padOp: Op<PadAttributes> = {
  name: "pad",
  type: ([{ dtype, shape }], { before, after }) => ({
    dtype,
    shape: shape.map((dimension, i): Dimension => {
      if (before[i] === 0 && after[i] === 0) return dimension;
      const size = typeof dimension === "number" ? dimension + before[i] + after[i] : -1;
      if (size < 0)
        throw new ShapeError(
          `pad: dimension ${i} of ${formatShape(shape)} does not allow [${before[i]}, ${after[i]}]`,
        );
      return size;
    }),
  }),
  vjp: ({ attributes: { before, after } }, cotangent) => [
    padOrCut(
      cotangent,
      before.map((n) => -n),
      after.map((n) => -n),
    ),
  ],
  jvp: ({ attributes: { before, after } }, [tangent]) => tangent && padOrCut(tangent, before, after),
  lower: (emit, [x], { inputs: [{ dtype }], attributes: { before, after, value } }) =>
    emit.node("Pad", [x, emit.integers([...before, ...after]), emit.scalar(dtype, value, 0)]),
  vmap: ([x], _, { before, after, value }) => padOrCut(x, [0, ...before], [0, ...after], value),
};

/** Like `pad`, where negative numbers remove entries from the ends: the transpose of padding with zeros. */
export function padOrCut(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  const nothing = before.every((n) => n === 0) && after.every((n) => n === 0);
  return nothing ? x : apply(padOp, [x], { before, after, value });
}

/** Like `padOrCut`, along the last axes. */
export function padSpatial(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const none = new Array<number>(x.shape.length - before.length).fill(0);
  return padOrCut(x, [...none, ...before], [...none, ...after]);
}

/** Zeros between the entries along the last dimensions, `factors[i] - 1` each: n entries become (n - 1) factor + 1. */
export function dilate(x: Tensor, factors: readonly number[]): Tensor {
  let result = x;
  factors.forEach((factor, i) => {
    const axis = x.shape.length - factors.length + i;
    const size = result.shape[axis];
    if (factor === 1 || typeof size !== "number" || size === 0) return;
    const none = new Array<number>(result.shape.length).fill(0);
    // Concatenating zeros is eight times as fast as ONNX Runtime's Pad for short dimensions.
    const entries = expandDims(result, axis + 1);
    const zeros = broadcastTo(scalar(0, x.dtype), entries.shape.with(axis + 1, factor - 1));
    const spread = reshape(
      concat([entries, zeros], { axis: axis + 1 }),
      result.shape.with(axis, size * factor),
    );
    result = padOrCut(spread, none, none.with(axis, 1 - factor));
  });
  return result;
}

/** Pads a dimension periodically. */
function padCircular(x: Tensor, axis: number, [before, after]: readonly [number, number]): Tensor {
  const size = x.shape[axis];
  if (before === 0 && after === 0) return x;
  if (typeof size !== "number" || before > size || after > size)
    throw new ShapeError(
      `pad: dimension ${axis} of ${formatShape(x.shape)} does not allow circular padding [${before}, ${after}]: ` +
        "it must be at most the size, which must be known at trace time",
    );
  const parts = [cut(x, axis, size - before, before), x, cut(x, axis, 0, after)];
  return concat(
    parts.filter((part) => part.shape[axis] !== 0),
    { axis },
  );
}

export interface PadOptions {
  /** "constant" pads with `value`; "circular" pads periodically. */
  readonly mode?: "constant" | "circular";
  readonly value?: number;
}

/**
 * Pads the ends of dimensions.
 *
 * @param amounts for each dimension, the number of entries to add before and after it; [0, 0] for named dimensions
 * @throws ShapeError unless there is one pair of non-negative integers per dimension
 */
export function pad(
  x: Tensor,
  amounts: readonly (readonly [before: number, after: number])[],
  options: PadOptions = {},
): Tensor {
  checkOptions("pad", options, ["mode", "value"]);
  const { mode = "constant", value = 0 } = options;
  checkOneOf(["constant", "circular"], { "pad: mode": mode });
  if (amounts.length !== x.shape.length || !amounts.flat().every((n) => Number.isSafeInteger(n) && n >= 0))
    throw new ShapeError(
      `pad: expected two non-negative integers for each dimension of ${formatShape(x.shape)}, got ${JSON.stringify(amounts)}`,
    );
  if (mode === "circular") return amounts.reduce((t, pair, axis) => padCircular(t, axis, pair), x);
  return padOrCut(
    x,
    amounts.map(([before]) => before),
    amounts.map(([, after]) => after),
    value,
  );
}
