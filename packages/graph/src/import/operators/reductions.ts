import { isFloat } from "../../dtype.ts";
import { mul, sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { equal } from "../../ops/compare.ts";
import { cumSum } from "../../ops/cumulative.ts";
import { pad } from "../../ops/pad.ts";
import { prod } from "../../ops/product.ts";
import { range } from "../../ops/range.ts";
import {
  argMax,
  argMin,
  logSumExp,
  max,
  mean,
  min,
  type ReduceOptions,
  reducedShape,
  sum,
} from "../../ops/reduce.ts";
import { cast } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { flip, slice } from "../../ops/slice.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { abs, exp, log, sqrt, square } from "../../ops/unary.ts";
import { isStatic, normalizeAxes, sizeOfShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import { type Operator, throughFloat } from "../node-call.ts";

type Reduction = (x: Tensor, options: ReduceOptions) => Tensor;

/** A reduction; without axes it is over all of them, or over none where the node says so. */
const reduction =
  (reduce: Reduction): Operator =>
  (call) => {
    const x = call.input(0);
    const given = call.intsOrInput("axes", 1);
    const none = given === undefined || given.length === 0;
    if (none && call.int("noop_with_empty_axes", 0) === 1) return reduce(x, { axes: [], keepDims: true });
    return reduce(x, { axes: none ? undefined : given, keepDims: call.int("keepdims", 1) === 1 });
  };

const sumOf: Reduction = (x, options) =>
  x.dtype === "bool" ? cast(sum(cast(x, "i64"), options), "bool") : sum(x, options);

/** The largest or smallest entry; over an empty dimension the value that every entry would replace. */
const extremum =
  (choose: Reduction, none: number): Reduction =>
  (x, options) => {
    if (x.dtype === "bool") return cast(choose(cast(x, "i64"), options), "bool");
    const over = normalizeAxes("reduce", x.shape.length, options.axes);
    if (!isFloat(x.dtype) || !over.some((axis) => x.shape[axis] === 0)) return choose(x, options);
    return broadcastTo(scalar(none, x.dtype), reducedShape(x.shape, over, options.keepDims ?? false));
  };

/** log(sum(exp(x))), which is -Infinity over an empty dimension. */
const logSum: Reduction = (x, options) => {
  const over = normalizeAxes("reduce", x.shape.length, options.axes);
  return over.some((axis) => x.shape[axis] === 0) ? log(sum(exp(x), options)) : logSumExp(x, options);
};

const float =
  (reduce: Reduction): Reduction =>
  (x, options) =>
    throughFloat(x, (t) => reduce(t, options));

/** The index of the largest or smallest entry; of equal ones the first or the last. */
const choice =
  (choose: typeof argMax): Operator =>
  (call) => {
    const x = call.input(0);
    const [axis] = normalizeAxes(call.node.opType, x.shape.length, call.int("axis", 0));
    const options = { axis, keepDims: call.int("keepdims", 1) === 1 };
    const numbers = isFloat(x.dtype) ? x : cast(x, "f64");
    if (call.int("select_last_index", 0) === 0) return choose(numbers, options);
    const size = x.shape[axis];
    if (typeof size !== "number") return call.refuse(`the size along axis ${axis} must be known`);
    return sub(size - 1, choose(flip(numbers, axis), options));
  };

/** Softmax; before operator set 13 over all dimensions from the axis on. */
const softmaxOf =
  (f: typeof softmax): Operator =>
  (call) => {
    const x = call.input(0);
    if (call.opset >= 13) return f(x, { axis: call.int("axis", -1) });
    const rank = x.shape.length;
    const axis = call.int("axis", 1);
    const from = axis === rank ? rank : normalizeAxes("Softmax", rank, axis)[0];
    const inner = x.shape.slice(from);
    if (inner.length === 1) return f(x, { axis: -1 });
    if (!isStatic(inner)) return call.refuse("the sizes from the axis on must be known");
    return reshape(f(reshape(x, [...x.shape.slice(0, from), sizeOfShape(inner)]), { axis: -1 }), x.shape);
  };

/** 1 at the first largest entry along an axis, 0 elsewhere. */
function hardmax(x: Tensor, { axis = -1 }: { readonly axis?: number } = {}): Tensor {
  const [along] = normalizeAxes("Hardmax", x.shape.length, axis);
  const size = x.shape[along];
  const places = reshape(
    range(size),
    x.shape.map((_, i) => (i === along ? size : 1)),
  );
  return cast(equal(places, argMax(x, { axis: along, keepDims: true })), x.dtype);
}

const cumulative: Operator = (call) => {
  const x = call.input(0);
  const [axis] = normalizeAxes("CumSum", x.shape.length, call.numbers(1)?.[0] ?? 0);
  const reverse = call.int("reverse", 0) === 1;
  const sums = cumSum(x, { axis, reverse });
  if (call.int("exclusive", 0) === 0) return sums;
  const size = x.shape[axis];
  if (typeof size !== "number") return call.refuse(`the size along axis ${axis} must be known`);
  const amounts = x.shape.map((_, i): [number, number] => (i !== axis ? [0, 0] : reverse ? [0, 1] : [1, 0]));
  return slice(pad(sums, amounts), reverse ? { axis, start: 1 } : { axis, end: size });
};

export const reductions: Readonly<Record<string, Operator>> = {
  ArgMax: choice(argMax),
  ArgMin: choice(argMin),
  CumSum: cumulative,
  Hardmax: softmaxOf(hardmax),
  LogSoftmax: softmaxOf(logSoftmax),
  ReduceL1: reduction((x, options) => sum(abs(x), options)),
  ReduceL2: reduction(float((x, options) => sqrt(sum(square(x), options)))),
  ReduceLogSum: reduction(float((x, options) => log(sum(x, options)))),
  ReduceLogSumExp: reduction(float(logSum)),
  ReduceMax: reduction(extremum(max, Number.NEGATIVE_INFINITY)),
  ReduceMean: reduction(float(mean)),
  ReduceMin: reduction(extremum(min, Number.POSITIVE_INFINITY)),
  ReduceProd: reduction(prod),
  ReduceSum: reduction(sumOf),
  ReduceSumSquare: reduction((x, options) => sum(mul(x, x), options)),
  Softmax: softmaxOf(softmax),
};
