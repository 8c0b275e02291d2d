import { ShapeError } from "../errors.ts";
import { type Dimension, formatShape, normalizeAxes, type Shape } from "../shape.ts";
import { apply, floatType, type Op, type Tensor, type TensorType } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { broadcastTo } from "./broadcast.ts";
import { equal } from "./compare.ts";
import { cast, stopGradient } from "./select.ts";
import { reshape, size } from "./shape.ts";
import { exp, log } from "./unary.ts";

export interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** Options of reductions: `axes` counts from the end when negative and means all when left out. */
export interface ReduceOptions {
  readonly axes?: number | readonly number[];
  readonly keepDims?: boolean;
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const result: Dimension[] = [];
  shape.forEach((dimension, i) => {
    if (!axes.includes(i)) result.push(dimension);
    else if (keepDims) result.push(1);
  });
  return result;
}

/** The same axes of each entry along a leading axis. */
function behindLeading({ axes, keepDims }: ReduceAttributes): ReduceAttributes {
  return { axes: axes.map((axis) => axis + 1), keepDims };
}

function reduceType([x]: readonly Tensor[], { axes, keepDims }: ReduceAttributes): TensorType {
  return { dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) };
}

/** A reduced tensor in a shape that broadcasts against what it was reduced from. */
function unreduce(reduced: Tensor, from: Tensor, axes: readonly number[]): Tensor {
  return reshape(reduced, reducedShape(from.shape, axes, true));
}

export const sumOp: Op<ReduceAttributes> = {
  name: "sum",
  type: reduceType,
  vjp: ({ inputs: [x], attributes }, cotangent) => [
    broadcastTo(unreduce(cotangent, x, attributes.axes), x.shape),
  ],
  jvp: ({ attributes }, [tangent]) => tangent && reduceSum(tangent, attributes.axes, attributes.keepDims),
  lower: (emit, [x], { attributes: { axes, keepDims } }) =>
    emit.node("ReduceSum", [x, emit.integers(axes)], { keepdims: keepDims ? 1 : 0 }),
  vmap: ([x], _, attributes) => apply(sumOp, [x], behindLeading(attributes)),
};

/** `sum` with axes already normalized. */
export function reduceSum(x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  return axes.length === 0 ? x : apply(sumOp, [x], { axes, keepDims });
}

export const maxOp: Op<ReduceAttributes> = {
  name: "max",
  type: reduceType,
  // Equal maxima share the derivative.
  vjp: ({ inputs: [x], output, attributes: { axes } }, cotangent) => {
    const share = maximumShare(x, output, axes);
    return [mul(share, unreduce(cotangent, x, axes))];
  },
  jvp: ({ inputs: [x], output, attributes: { axes, keepDims } }, [tangent]) =>
    tangent && reduceSum(mul(maximumShare(x, output, axes), tangent), axes, keepDims),
  lower: (emit, [x], { attributes: { axes, keepDims } }) =>
    emit.node("ReduceMax", [x, emit.integers(axes)], { keepdims: keepDims ? 1 : 0 }),
  vmap: ([x], _, attributes) => apply(maxOp, [x], behindLeading(attributes)),
};

function maximumShare(x: Tensor, output: Tensor, axes: readonly number[]): Tensor {
  const attained = cast(equal(x, unreduce(output, x, axes)), x.dtype);
  return div(attained, reduceSum(attained, axes, true));
}

/** Sum over `axes`. */
export function sum(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  return reduceSum(x, normalizeAxes("sum", x.shape.length, axes), keepDims);
}

/** Arithmetic mean over `axes`; over named dimensions each run divides by its own size. */
export function mean(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const dtype = floatType("mean", x);
  const over = normalizeAxes("mean", x.shape.length, axes);
  const count = size(
    over.map((axis) => x.shape[axis]),
    dtype,
  );
  return div(reduceSum(x, over, keepDims), count);
}

/**
 * Largest element over `axes`. Where several are equal, they share the derivative equally.
 *
 * @throws ShapeError over a dimension of size 0
 */
export function max(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const over = normalizeAxes("max", x.shape.length, axes);
  if (over.some((axis) => x.shape[axis] === 0))
    throw new ShapeError(
      `max: nothing to choose from in ${formatShape(x.shape)} over axes ${over.join(", ")}`,
    );
  return over.length === 0 ? x : apply(maxOp, [x], { axes: over, keepDims });
}

/** log(sum(exp(x))) over `axes`, without overflow: max(x) + log(sum(exp(x - max(x)))). */
export function logSumExp(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  floatType("logSumExp", x);
  const over = normalizeAxes("logSumExp", x.shape.length, axes);
  const largest = stopGradient(max(x, { axes: over, keepDims: true }));
  const result = add(largest, log(reduceSum(exp(sub(x, largest)), over, true)));
  return keepDims ? result : reshape(result, reducedShape(x.shape, over, false));
}
