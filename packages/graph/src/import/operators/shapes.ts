import { toNumbers } from "../../arrays.ts";
import {
  differenceOf,
  productOf,
  quotientOf,
  signOf,
  signOfPositive,
  sumOf,
  termsOf,
} from "../../dimension-polynomials.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { assumed } from "../../ops/assumed.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { equal } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { cutBetween } from "../../ops/cut.ts";
import { range } from "../../ops/range.ts";
import { cast } from "../../ops/select.ts";
import { size as countOf, expandDims, reshape, squeeze, transpose } from "../../ops/shape.ts";
import { flip, type SliceRange, slice, split } from "../../ops/slice.ts";
import { broadcastShapes, type Dimension, formatShape, isStatic, sizeOfShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import {
  constantFrom,
  dimensionsOf,
  isSizes,
  knownOf,
  MOST_FOLDED,
  SIZES_AS_NUMBERS,
  type Sizes,
  type Value,
} from "../values.ts";
import { reshaped } from "./reshape.ts";

/** The shape of a tensor from the graph, as dimensions of the inputs. */
const shapeOf: Operator = (call) => {
  const { shape } = call.input(0);
  const rank = shape.length;
  const within = (n: number) => Math.min(Math.max(n < 0 ? n + rank : n, 0), rank);
  const sizes = shape.slice(within(call.int("start", 0)), within(call.int("end", rank)));
  return { sizes, single: false };
};

const flatten: Operator = (call) => {
  const x = call.input(0);
  const rank = x.shape.length;
  const axis = call.int("axis", 1);
  const at = axis < 0 ? axis + rank : axis;
  const [outer, inner] = [x.shape.slice(0, at), x.shape.slice(at)];
  return reshape(x, [productOf(outer), productOf(inner)]);
};

const expand: Operator = (call) => {
  const x = call.input(0);
  const wanted = call.dimensions(1) ?? call.refuse("the shape is missing");
  return broadcastTo(x, broadcastShapes("Expand", x.shape, wanted));
};

/** Shapes of single dimensions as one list: the sizes of a vector of sizes. */
function keepsSizes(value: Value): value is Sizes {
  return isSizes(value) && value.sizes.some((d) => typeof d === "string");
}

const unsqueeze: Operator = (call) => {
  const value = call.value(0);
  if (keepsSizes(value) && value.single) return { ...value, single: false };
  const x = call.input(0);
  const axes = call.intsOrInput("axes", 1) ?? [];
  // expandDims counts from the rank of the result, as ONNX does.
  return expandDims(x, axes);
};

const squeezed: Operator = (call) => {
  const value = call.value(0);
  if (keepsSizes(value) && value.sizes.length === 1) return { ...value, single: true };
  return squeeze(call.input(0), call.intsOrInput("axes", 1));
};

const concatenated: Operator = (call) => {
  const { values } = call;
  const lists = values.map((_, i) => call.value(i));
  const sizes = lists.map(dimensionsOf);
  if (lists.some(keepsSizes) && sizes.every((own) => own !== undefined))
    return { sizes: sizes.flat(), single: false };
  const axis = call.int("axis") ?? 1;
  const tensors = call.inputs;
  const filled = tensors.filter((t) => t.shape.length > 0 && t.shape.at(axis) !== 0);
  return filled.length === 0 ? tensors[0] : concat(filled, { axis });
};

/** Ends beyond this are the end of any dimension. */
const FAR = 2 ** 31 - 1;

const bounded = (d: Dimension) => (typeof d === "string" ? d : Math.min(Math.max(d, -FAR), FAR));

/** What a node takes of one dimension. */
interface Cut {
  readonly axis: number;
  readonly start: Dimension;
  readonly end: Dimension;
  readonly step: number;
}

/** Integers with a size added to each. */
const shifted = (integers: Tensor, by: Dimension) =>
  by === 0 ? integers : add(integers, countOf([by], "i64"));

/** A bound of a cut as a place from the beginning, and what must be at least how much for that. */
interface Place {
  readonly at: Dimension;
  readonly assumes?: readonly [size: Dimension, least: number];
}

/**
 * Where a bound is. A negative one counts from the end; where its sign depends on the run, a positive number without the
 * sizes, as in `1 - sequence`, is taken to be the smaller part, and `total - sequence` to be 0 or more.
 */
function placeOf(bound: Dimension, size: Dimension): Place {
  if (typeof bound === "number" && Math.abs(bound) >= FAR) return { at: bound < 0 ? 0 : size };
  if (bound === 0 || signOfPositive(bound) === 1) return { at: bound };
  const fromEnd = sumOf(size, bound);
  if (signOfPositive(bound) === -1) return { at: fromEnd };
  const negated = differenceOf(0, bound);
  const sizes = termsOf(bound).filter(({ names }) => names.length > 0);
  return sizes.every(({ count }) => count < 0)
    ? { at: fromEnd, assumes: [negated, 1] }
    : { at: bound, assumes: [bound, 0] };
}

/** A cut of a dimension where it or its bounds are named; runs whose sizes make another cut of it are refused. */
function namedCut(call: NodeCall, x: Tensor, { axis, start, end, step }: Cut): Tensor {
  const size = x.shape[axis];
  if (step === -1 && start === -1 && end === -FAR) return flip(x, axis);
  const [from, to] = [placeOf(start, size), placeOf(end, size)];
  const length = differenceOf(to.at, from.at);
  const [first, last] = [start, end].map((bound) => (bound === FAR ? "the end" : bound));
  const what = `from ${first} to ${last} by ${step} of dimension ${axis} of ${formatShape(x.shape)}`;
  if (step !== 1 || length === 0 || signOf(length) === -1)
    return call.refuse(`${what} depends on the sizes of a run; ${SIZES_AS_NUMBERS}`);
  const within: Place["assumes"][] = [
    [from.at, 0],
    [length, 0],
    [differenceOf(size, to.at), 0],
  ];
  return [from.assumes, to.assumes, ...within].reduce<Tensor>(
    (t, assumes) =>
      assumes && signOfPositive(differenceOf(assumes[0], assumes[1])) !== 1
        ? assumed(t, `${call.label} ${what}`, ...assumes)
        : t,
    cutBetween(x, axis, from.at, length),
  );
}

const sliced: Operator = (call) => {
  const bounds = (name: string, index: number) =>
    call.node.attributes.get(name)?.ints ?? call.dimensions(index) ?? call.refuse(`${name} are missing`);
  const [starts, ends] = [bounds("starts", 1), bounds("ends", 2)].map((list) => list.map(bounded));
  const axes = call.intsOrInput("axes", 3) ?? starts.map((_, i) => i);
  const steps = (call.numbers(4) ?? starts.map(() => 1)).map((step) => Number(bounded(step)));
  const value = call.value(0);
  if (keepsSizes(value)) {
    const [start, end] = [starts[0], ends[0]];
    if (steps[0] !== 1 || typeof start === "string" || typeof end === "string")
      return call.refuse("a vector of sizes is sliced with a step or by a size");
    return { sizes: value.sizes.slice(start, end), single: false };
  }
  const x = call.input(0);
  const cuts = axes.map((axis, i) => ({
    axis: axis < 0 ? axis + x.shape.length : axis,
    start: starts[i],
    end: ends[i],
    step: steps[i],
  }));
  const ranges: SliceRange[] = [];
  let taken = x;
  for (const cut of cuts) {
    const { axis, start, end, step } = cut;
    const size = x.shape[axis];
    if (typeof size === "string" || typeof start === "string" || typeof end === "string") {
      taken = namedCut(call, taken, cut);
    } else {
      // Going backward, an end before the first entry is one more than -size counts from the end.
      const last = step < 0 && end < -size ? undefined : end;
      ranges.push({ axis, start: Math.max(start, -size), end: last, step });
    }
  }
  return slice(taken, ranges);
};

const splitInto: Operator = (call) => {
  const x = call.input(0);
  const axis = call.int("axis", 0);
  const count = call.int("num_outputs", call.outputs);
  const given = call.intsOrInput("split", 1);
  const size = x.shape.at(axis);
  if (typeof size !== "number") return call.refuse(`the size along axis ${axis} must be known`);
  // Without sizes all parts are of the same size, but the last, which may be smaller.
  const each = Math.ceil(size / count);
  const sizes =
    given ??
    Array.from({ length: call.bounded(count, "num_outputs") }, (_, i) =>
      Math.max(0, Math.min(each, size - i * each)),
    );
  const known = knownOf(x);
  // Known sizes stay known.
  if (!known || x.shape.length !== 1 || size > MOST_FOLDED) return split(x, sizes, { axis });
  let start = 0;
  return sizes.map((length) => {
    start += length;
    return constantFrom(x.dtype, toNumbers(known).slice(start - length, start), [length]);
  });
};

const constantOfShape: Operator = (call) => {
  const shape = call.dimensions(0) ?? [];
  const attribute = call.node.attributes.get("value");
  const value = attribute
    ? call.importer.tensor(attribute, `${call.label}: value`)
    : scalar(0, call.importer.float);
  const known = knownOf(value);
  if (known && isStatic(shape) && sizeOfShape(shape) <= MOST_FOLDED)
    return constantFrom(
      known.dtype,
      new Array<number>(sizeOfShape(shape)).fill(Number(known.data[0])),
      shape,
    );
  return broadcastTo(reshape(value, []), shape);
};

const tile: Operator = (call) => {
  const x = call.input(0);
  const repeats = call.dimensions(1) ?? call.refuse("repeats are missing");
  return repeats.reduce<Tensor>((t, times, axis) => {
    if (typeof times === "string") {
      const apart = broadcastTo(expandDims(t, axis), t.shape.toSpliced(axis, 0, times));
      return reshape(apart, t.shape.with(axis, productOf([times, t.shape[axis]])));
    }
    call.bounded(times, "a repeat");
    if (times === 1) return t;
    if (times === 0) return slice(t, { axis, start: 0, end: 0 });
    return concat(new Array<Tensor>(times).fill(t), { axis });
  }, x);
};

/** The integers from one size to another, of which one at least is named. */
function namedRange(call: NodeCall): Tensor {
  const [from, to, by] = [0, 1, 2].map((i) => call.dimensions(i)?.[0] ?? 0);
  const length = quotientOf([differenceOf(to, from)], [by]);
  if (length === undefined || signOf(length) === -1)
    return call.refuse(
      `the number of integers from ${from} to ${to} by ${by} depends on the sizes of a run; ${SIZES_AS_NUMBERS}`,
    );
  return shifted(by === 1 ? range(length) : mul(range(length), countOf([by], "i64")), from);
}

/** Known bounds give known numbers; otherwise the number of steps must be a sum of products of named dimensions. */
const rangeOf: Operator = (call) => {
  const bounds = [0, 1, 2].map((i) => call.value(i));
  if (bounds.some(keepsSizes)) return namedRange(call);
  const [from, to, by] = bounds.map((_, i) => call.numbers(i)?.[0] ?? 0);
  const count = Math.max(0, Math.ceil((to - from) / by));
  const { dtype } = call.input(0);
  if (!Number.isSafeInteger(count)) return call.refuse(`from ${from} to ${to} by ${by} is not a range`);
  if (count <= MOST_FOLDED)
    return constantFrom(
      dtype,
      Array.from({ length: count }, (_, i) => from + i * by),
      [count],
    );
  const float = dtype === "bool" ? "i64" : dtype;
  return add(mul(range(count, float), by), from);
};

/** [N, C b b, H, W] to [N, C, H b, W b], in depth-first or column-first order. */
const depthToSpace: Operator = (call) => {
  const x = call.input(0);
  const b = call.int("blocksize") ?? call.refuse("attribute blocksize is missing");
  const [n, c, h, w] = x.shape;
  const depth = Number(c) / (b * b);
  const first = call.text("mode", "DCR") === "DCR";
  const [inner, order] = first
    ? [
        [n, b, b, depth, h, w],
        [0, 3, 4, 1, 5, 2],
      ]
    : [
        [n, depth, b, b, h, w],
        [0, 1, 4, 2, 5, 3],
      ];
  return reshape(transpose(reshape(x, inner), order), [n, depth, Number(h) * b, Number(w) * b]);
};

const spaceToDepth: Operator = (call) => {
  const x = call.input(0);
  const b = call.int("blocksize") ?? call.refuse("attribute blocksize is missing");
  const [n, c, h, w] = x.shape;
  const [rows, columns] = [Number(h) / b, Number(w) / b];
  const blocks = transpose(reshape(x, [n, c, rows, b, columns, b]), [0, 3, 5, 1, 2, 4]);
  return reshape(blocks, [n, Number(c) * b * b, rows, columns]);
};

const eyeLike: Operator = (call) => {
  const { shape, dtype } = call.input(0);
  const k = call.int("k", 0);
  const to = call.int("dtype");
  const type = to === undefined ? dtype : call.importer.elementType(to, `${call.label}: dtype`);
  if (!isStatic(shape)) {
    const [row, column] = shape.map((size) => range(size));
    return cast(equal(add(expandDims(row, -1), k), column), type);
  }
  const [rows, columns] = shape;
  const values = Array.from({ length: call.bounded(rows * columns, "the number of entries") }, (_, i) =>
    (i % columns) - Math.floor(i / columns) === k ? 1 : 0,
  );
  return constantFrom(type, values, [rows, columns]);
};

/** Each row reversed up to its own length. */
const reverseSequence: Operator = (call) => {
  const x = call.input(0);
  const [time, batch] = [call.int("time_axis", 0), call.int("batch_axis", 1)];
  const lengths = call.numbers(1) ?? call.refuse("lengths are missing");
  const rows = lengths.map((length, row) => {
    const own = slice(x, { axis: batch, start: row, end: row + 1 });
    const head = flip(slice(own, { axis: time, end: length }), time);
    const tail = slice(own, { axis: time, start: length });
    return Number(tail.shape[time]) === 0 ? head : concat([head, tail], { axis: time });
  });
  return concat(rows, { axis: batch });
};

export const shapes: Readonly<Record<string, Operator>> = {
  Concat: concatenated,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  Range: rangeOf,
  Reshape: reshaped,
  ReverseSequence: reverseSequence,
  Shape: shapeOf,
  Size: (call) => ({ sizes: [productOf(call.input(0).shape)], single: true }),
  Slice: sliced,
  SpaceToDepth: spaceToDepth,
  Split: splitInto,
  Squeeze: squeezed,
  Tile: tile,
  Transpose: (call) => transpose(call.input(0), call.ints("perm")),
  Unsqueeze: unsqueeze,
};
