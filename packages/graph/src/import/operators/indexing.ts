import { toNumbers } from "../../arrays.ts";
import { differenceOf, productOf } from "../../dimension-polynomials.ts";
import { isFloat } from "../../dtype.ts";
import { lastAlong, scatterAddAlong, takeAlong } from "../../ops/along.ts";
import { add, maximum, minimum, mul } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { equal, less, lessEqual } from "../../ops/compare.ts";
import { concat } from "../../ops/concat.ts";
import { gather, scatterAdd } from "../../ops/indexing.ts";
import { prod } from "../../ops/product.ts";
import { range } from "../../ops/range.ts";
import { max, min } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { size as countOf, expandDims, reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { argSort } from "../../ops/sort.ts";
import { neg } from "../../ops/unary.ts";
import { type Dimension, formatShape, isStatic, normalizeAxes, sizeOfShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom, isSizes, knownOf, SIZES_AS_NUMBERS } from "../values.ts";
import { gatherAlong, moveAxis } from "./axes.ts";

/** Indices that may count from the end, as indices from 0. */
function fromStart(call: NodeCall, indices: Tensor, size: number | string | undefined): Tensor {
  const known = knownOf(indices);
  if (known && toNumbers(known).every((i) => i >= 0)) return indices;
  if (size === undefined) return call.refuse("there is no dimension to index");
  if (typeof size === "string") return where(less(indices, 0), add(indices, countOf([size], "i64")), indices);
  if (known)
    return constantFrom(
      "i64",
      toNumbers(known).map((i) => (i < 0 ? i + size : i)),
      known.shape,
    );
  return where(less(indices, 0), add(indices, size), indices);
}

const gathered: Operator = (call) => {
  const value = call.value(0);
  if (isSizes(value) && value.sizes.some((d) => typeof d === "string")) {
    const places = call.numbers(1) ?? [];
    const sizes = places.map((i) => value.sizes.at(i) ?? call.refuse(`there is no dimension ${i}`));
    return { sizes, single: call.input(1).shape.length === 0 };
  }
  const x = call.input(0);
  const [axis] = normalizeAxes("Gather", x.shape.length, call.int("axis", 0));
  const indices = call.input(1);
  const known = knownOf(indices);
  const size = x.shape[axis];
  // Of a single entry, a slice has the cheaper derivative.
  if (known?.data.length === 1 && typeof size === "number") {
    const at = Number(known.data[0]);
    const start = at < 0 ? at + size : at;
    if (start < 0 || start >= size) return call.refuse(`index ${at} is not in a dimension of ${size}`);
    const own = slice(x, { axis, start, end: start + 1 });
    return reshape(own, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
  }
  return gatherAlong(x, fromStart(call, indices, size), axis);
};

const gatherElements: Operator = (call) => {
  const x = call.input(0);
  const [axis] = normalizeAxes("GatherElements", x.shape.length, call.int("axis", 0));
  const indices = fromStart(call, call.input(1), x.shape[axis]);
  return takeAlong(cropTo(call, x, indices, axis), indices, { axis });
};

/** Indices may cover only the first entries of the other dimensions. */
function cropTo(call: NodeCall, x: Tensor, indices: Tensor, axis: number): Tensor {
  const cuts = x.shape.flatMap((d, i) => {
    const wanted = indices.shape[i];
    if (i === axis || d === wanted) return [];
    if (typeof wanted !== "number")
      return call.refuse(`${formatShape(indices.shape)} does not fit ${formatShape(x.shape)}`);
    return [{ axis: i, end: wanted }];
  });
  return cuts.length === 0 ? x : slice(x, cuts);
}

/** The place in the flattened leading dimensions of each row of an index table [..., k]. */
function flatPlaces(call: NodeCall, indices: Tensor, leading: readonly Dimension[]): Tensor {
  let places: Tensor | undefined;
  leading.forEach((size, i) => {
    const column = slice(indices, { axis: -1, start: i, end: i + 1 });
    const from0 = fromStart(call, column, size);
    const count = typeof size === "string" ? countOf([size], "i64") : size;
    places = places ? add(mul(places, count), from0) : from0;
  });
  const result = places ?? call.refuse("the indices have no columns");
  return reshape(result, indices.shape.slice(0, -1));
}

const gatherNd: Operator = (call) => {
  const [x, indices] = [call.input(0), call.input(1)];
  const batch = call.int("batch_dims", 0);
  const k = Number(indices.shape.at(-1));
  if (!isStatic(x.shape) || !isStatic(indices.shape)) return call.refuse("all dimensions must be known");
  const leading = x.shape.slice(batch, batch + k);
  const places = flatPlaces(call, indices, leading);
  const rest = x.shape.slice(batch + k);
  const batches = sizeOfShape(x.shape.slice(0, batch));
  const table = reshape(x, [batches * sizeOfShape(leading), ...rest]);
  // Each entry of the batch has its own part of the table.
  const shape = indices.shape.slice(0, -1);
  const own = reshape(mul(range(batches), sizeOfShape(leading)), [
    ...indices.shape.slice(0, batch),
    ...shape.slice(batch).map(() => 1),
  ]);
  return gather(table, batch === 0 ? places : add(places, own));
};

type Reduction = "none" | "add" | keyof typeof choices;

const choices = {
  mul: { neutral: 1, reduce: prod, combine: mul },
  min: { neutral: Number.POSITIVE_INFINITY, reduce: min, combine: minimum },
  max: { neutral: Number.NEGATIVE_INFINITY, reduce: max, combine: maximum },
};

function reductionOf(call: NodeCall): Reduction {
  const name = call.text("reduction", "none");
  if (name === "none" || name === "add" || name === "mul" || name === "min" || name === "max") return name;
  return call.refuse(`reduction ${name} is not supported`);
}

/**
 * Entries of x combined with the product, the smallest or the largest of the updates at their places along the first
 * axis, where updates [count, ...others] may cover only the first entries of the other axes of x. Every update is
 * compared with every place, so that places may repeat and derivatives are those of the reduction.
 */
function chosenInto(
  call: NodeCall,
  x: Tensor,
  places: Tensor,
  updates: Tensor,
  choice: keyof typeof choices,
): Tensor {
  const [size, ...others] = x.shape;
  const missing = others.map((d, i) => differenceOf(d, updates.shape[i + 1]));
  if (!isStatic(missing))
    return call.refuse(
      `updates ${formatShape(updates.shape)} of ${formatShape(x.shape)} must have known sizes`,
    );
  const comparisons = productOf([size, ...updates.shape]);
  if (typeof comparisons === "number") call.bounded(comparisons, "the number of comparisons");
  const { neutral, reduce, combine } = choices[choice];
  const none = isFloat(x.dtype) ? neutral : Math.min(Math.max(neutral, -FAR), FAR);
  const rows = reshape(range(size), [size, ...updates.shape.map(() => 1)]);
  const at = equal(rows, expandDims(places, 0));
  const chosen = reduce(where(at, expandDims(updates, 0), none), { axes: 1 });
  const whole = missing.reduce<Tensor>((t, count, axis) => {
    if (count === 0) return t;
    return concat([t, broadcastTo(scalar(none, x.dtype), t.shape.with(axis + 1, count))], { axis: axis + 1 });
  }, chosen);
  return combine(x, whole);
}

/** Integers beyond this are safe no longer. */
const FAR = Number.MAX_SAFE_INTEGER;

/** Calculates with booleans as 0 and 1. */
function asIntegers(x: Tensor, updates: Tensor, combine: (x: Tensor, updates: Tensor) => Tensor): Tensor {
  return x.dtype === "bool"
    ? cast(combine(cast(x, "i64"), cast(updates, "i64")), "bool")
    : combine(x, updates);
}

/** Updates with an entry to point to where no index occurs, if a run may give none. */
function atLeastOne(updates: Tensor, axis: number): Tensor {
  const count = updates.shape[axis];
  if (typeof count === "number" && count > 0) return updates;
  return concat([updates, broadcastTo(scalar(0, updates.dtype), updates.shape.with(axis, 1))], { axis });
}

const scatterElements: Operator = (call) => {
  const [axis] = normalizeAxes("ScatterElements", call.input(0).shape.length, call.int("axis", 0));
  const size = call.input(0).shape[axis];
  const indices = fromStart(call, call.input(1), size);
  // Updates may cover only the first entries of the other dimensions.
  const missing = call.input(0).shape.map((d, i) => (i === axis ? 0 : differenceOf(d, indices.shape[i])));
  if (!isStatic(missing))
    return call.refuse(
      `entries of ${formatShape(indices.shape)} in ${formatShape(call.input(0).shape)} along axis ${axis}: which of them there are depends on the sizes of a run; ${SIZES_AS_NUMBERS}`,
    );
  const spread = (t: Tensor) => padEnd(t, missing);
  const reduction = reductionOf(call);
  return asIntegers(call.input(0), call.input(2), (x, updates) => {
    if (reduction === "add") return add(x, spread(scatterAddAlong(indices, updates, axis, size)));
    if (reduction === "none") {
      // Where places repeat, the last update stays, as in ONNX Runtime.
      const last = lastAlong(indices, axis, size);
      const written = spread(cast(lessEqual(0, last), "i64"));
      const values = takeAlong(atLeastOne(updates, axis), maximum(last, 0), { axis });
      return where(less(0, written), spread(values), x);
    }
    const first = (t: Tensor) => moveAxis(t, axis, 0);
    return moveAxis(chosenInto(call, first(x), first(indices), first(updates), reduction), 0, axis);
  });
};

function padEnd(x: Tensor, amounts: readonly number[]): Tensor {
  return amounts.reduce((t, n, axis) => {
    if (n === 0) return t;
    const zeros = broadcastTo(scalar(0, t.dtype), t.shape.with(axis, n));
    return concat([t, zeros], { axis });
  }, x);
}

const scatterNd: Operator = (call) => {
  const indices = call.input(1);
  const { shape } = call.input(0);
  const k = indices.shape.at(-1);
  if (typeof k !== "number") return call.refuse("the number of columns of the indices must be known");
  const [leading, rest] = [shape.slice(0, k), shape.slice(k)];
  const places = reshape(flatPlaces(call, indices, leading), [productOf(indices.shape.slice(0, -1))]);
  const rows = [productOf(leading), ...rest];
  const reduction = reductionOf(call);
  return asIntegers(call.input(0), call.input(2), (x, updates) => {
    const own = reshape(updates, [...places.shape, ...rest]);
    if (reduction === "add") return add(x, reshape(scatterAdd(rows, places, own), shape));
    const table = reshape(x, rows);
    if (reduction === "none") {
      // Where places repeat, the last update stays, as in ONNX Runtime.
      const last = lastAlong(places, 0, rows[0]);
      const written = reshape(lessEqual(0, last), [rows[0], ...rest.map(() => 1)]);
      return reshape(where(written, gather(atLeastOne(own, 0), maximum(last, 0)), table), shape);
    }
    const columns = reshape(places, [...places.shape, ...rest.map(() => 1)]);
    return reshape(chosenInto(call, table, columns, own, reduction), shape);
  });
};

/** One-hot encoding along an axis with values for off and on; an index out of range gives no entry. */
const oneHotOf: Operator = (call) => {
  const indices = cast(call.input(0), "i64");
  const depth = call.numbers(1)?.[0] ?? call.refuse("the depth is missing");
  const values = call.input(2);
  const rank = indices.shape.length;
  const [axis] = normalizeAxes("OneHot", rank + 1, call.int("axis", -1));
  const at = where(less(indices, 0), add(indices, depth), indices);
  const places = reshape(range(depth), [depth, ...new Array<number>(rank - axis).fill(1)]);
  const hot = equal(expandDims(at, axis), places);
  const [off, on] = [0, 1].map((i) => reshape(slice(values, { start: i, end: i + 1 }), []));
  return where(hot, on, off);
};

const topKOf: Operator = (call) => {
  const x = call.input(0);
  const count = call.opset < 10 ? call.int("k") : call.numbers(1)?.[0];
  if (count === undefined) return call.refuse("k is missing");
  const [axis] = normalizeAxes("TopK", x.shape.length, call.int("axis", -1));
  const largest = call.int("largest", 1) === 1;
  const numbers = isFloat(x.dtype) ? x : cast(x, "f64");
  const order = argSort(largest ? neg(numbers) : numbers, { axis });
  const indices = slice(order, { axis, end: count });
  return [takeAlong(x, indices, { axis }), indices];
};

/** The places of the entries other than 0, of a known tensor. */
const nonZero: Operator = (call) => {
  const { data, shape } = call.known(0) ?? call.refuse("the input is missing");
  const found = [...data].map(Number).flatMap((value, i) => (value === 0 ? [] : [i]));
  const strides = shape.map((_, axis) => sizeOfShape(shape.slice(axis + 1)));
  const rows = strides.map((stride, axis) => found.map((i) => Math.floor(i / stride) % shape[axis]));
  return constantFrom("i64", rows.flat(), [shape.length, found.length]);
};

/** The entries along an axis, or of the flattened tensor, where a known condition holds. */
const compress: Operator = (call) => {
  const x = call.input(0);
  const condition = call.numbers(1) ?? call.refuse("the condition is missing");
  const places = condition.flatMap((holds, i) => (holds ? [i] : []));
  const indices = constantFrom("i64", places, [places.length]);
  const axis = call.int("axis");
  if (axis !== undefined) return gatherAlong(x, indices, normalizeAxes("Compress", x.shape.length, axis)[0]);
  if (!isStatic(x.shape)) return call.refuse("all dimensions must be known");
  return gather(reshape(x, [sizeOfShape(x.shape)]), indices);
};

export const indexing: Readonly<Record<string, Operator>> = {
  Compress: compress,
  Gather: gathered,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  NonZero: nonZero,
  OneHot: oneHotOf,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
  TopK: topKOf,
};
