import { add, mul } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { concat } from "../../ops/concat.ts";
import { range } from "../../ops/range.ts";
import { size as countOf, expandDims, reshape, squeeze, transpose } from "../../ops/shape.ts";
import { flip, slice, split } from "../../ops/slice.ts";
import { broadcastShapes, type Dimension, formatShape, isStatic, sizeOfShape } from "../../shape.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom, isSizes, knownOf, MOST_FOLDED, type Sizes, type Value } from "../values.ts";

/** The shape of a tensor from the graph, as dimensions of the inputs. */
const shapeOf: Operator = (call) => {
  const { shape } = call.input(0);
  const rank = shape.length;
  const within = (n: number) => Math.min(Math.max(n < 0 ? n + rank : n, 0), rank);
  const sizes = shape.slice(within(call.int("start", 0)), within(call.int("end", rank)));
  return { sizes, single: false };
};

/** Sizes that were known to be the same numbers may have a named dimension on one side only. */
function without(names: readonly Dimension[], taken: readonly Dimension[]): Dimension[] {
  const rest = [...taken];
  return names.filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** The new shape: 0 copies a dimension (unless allowzero), -1 is what remains. */
function reshapeTo(call: NodeCall, x: Tensor, wanted: readonly Dimension[]): Tensor {
  const allowZero = call.int("allowzero", 0) === 1;
  const copied = wanted.map((d, i) => (d === 0 && !allowZero ? x.shape[i] : d));
  const at = copied.indexOf(-1);
  if (at < 0) return reshape(x, copied);
  const others = copied.filter((_, i) => i !== at);
  const names = without(
    x.shape.filter((d) => typeof d === "string"),
    others.filter((d) => typeof d === "string"),
  );
  const numbers = (dimensions: readonly Dimension[]) =>
    sizeOfShape(dimensions.filter((d) => typeof d === "number"));
  const left = numbers(x.shape) / numbers(others);
  if (names.length > 1 || (names.length === 1 && left !== 1))
    return call.refuse(
      `${formatShape(x.shape)} as [${wanted.join(", ")}] has a dimension of ${[...names, left].join(" x ")} entries; import with known sizes`,
    );
  return reshape(x, copied.with(at, names.length === 1 ? names[0] : left));
}

const reshaped: Operator = (call) => {
  const wanted = call.dimensions(1) ?? call.ints("shape");
  return reshapeTo(call, call.input(0), wanted ?? call.refuse("the shape is missing"));
};

const flatten: Operator = (call) => {
  const x = call.input(0);
  const rank = x.shape.length;
  const axis = call.int("axis", 1);
  const at = axis < 0 ? axis + rank : axis;
  const [outer, inner] = [x.shape.slice(0, at), x.shape.slice(at)];
  if (outer.length === 1 && isStatic(inner)) return reshape(x, [outer[0], sizeOfShape(inner)]);
  if (inner.length === 1 && isStatic(outer)) return reshape(x, [sizeOfShape(outer), inner[0]]);
  if (!isStatic(outer) || !isStatic(inner))
    return call.refuse(`${formatShape(x.shape)} has named dimensions that would be merged`);
  return reshape(x, [sizeOfShape(outer), sizeOfShape(inner)]);
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
  if (lists.some(keepsSizes)) {
    const sizes = lists.flatMap((_, i) => [...(call.dimensions(i) ?? [])]);
    return { sizes, single: false };
  }
  const axis = call.int("axis") ?? 1;
  const tensors = call.inputs;
  const filled = tensors.filter((t) => t.shape.length > 0 && t.shape.at(axis) !== 0);
  return filled.length === 0 ? tensors[0] : concat(filled, { axis });
};

/** Ends beyond this are the end of any dimension. */
const FAR = 2 ** 31 - 1;

const sliced: Operator = (call) => {
  const starts = call.intsOrInput("starts", 1) ?? call.refuse("starts are missing");
  const ends = call.intsOrInput("ends", 2) ?? call.refuse("ends are missing");
  const axes = call.intsOrInput("axes", 3) ?? starts.map((_, i) => i);
  const steps = call.numbers(4) ?? starts.map(() => 1);
  const value = call.value(0);
  const bounded = (n: number) => Math.min(Math.max(n, -FAR), FAR);
  if (keepsSizes(value)) {
    if (steps[0] !== 1) return call.refuse("a vector of sizes is sliced with a step");
    return { sizes: value.sizes.slice(bounded(starts[0]), bounded(ends[0])), single: false };
  }
  const x = call.input(0);
  const ranges = axes.map((axis, i) => {
    const step = bounded(steps[i]);
    const size = x.shape.at(axis);
    const whole = step === 1 && starts[i] === 0 && ends[i] >= FAR;
    if (typeof size !== "number")
      return whole
        ? undefined
        : call.refuse(`axis ${axis} of ${formatShape(x.shape)} must have a known size`);
    // Going backward, an end before the first entry is one more than -size counts from the end.
    const end = step < 0 && ends[i] < -size ? undefined : bounded(ends[i]);
    return { axis, start: bounded(Math.max(starts[i], -size)), end, step };
  });
  return slice(
    x,
    ranges.filter((range) => range !== undefined),
  );
};

const splitInto: Operator = (call) => {
  const x = call.input(0);
  const axis = call.int("axis", 0);
  const count = call.int("num_outputs", call.outputs);
  const given = call.intsOrInput("split", 1);
  const size = x.shape.at(axis);
  if (typeof size !== "number") return call.refuse(`the size along axis ${axis} must be known`);
  // Without sizes all parts but the last are of the same size, which may be smaller.
  const each = Math.ceil(size / count);
  const sizes =
    given ??
    Array.from({ length: call.bounded(count, "num_outputs") }, (_, i) =>
      Math.max(0, Math.min(each, size - i * each)),
    );
  return split(x, sizes, { axis });
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
  const repeats = call.numbers(1) ?? call.refuse("repeats are missing");
  return repeats.reduce((t, times, axis) => {
    call.bounded(times, "a repeat");
    if (times === 1) return t;
    if (times === 0) return slice(t, { axis, start: 0, end: 0 });
    return concat(new Array<Tensor>(times).fill(t), { axis });
  }, x);
};

/** Known bounds give known numbers; otherwise only a whole number of steps from 0 by 1 is supported. */
const rangeOf: Operator = (call) => {
  const [start, limit, step] = [0, 1, 2].map((i) => call.value(i));
  const limits = isSizes(limit) && limit.single ? limit.sizes[0] : undefined;
  if (typeof limits === "string") {
    const numbers = [0, 2].map((i) => call.numbers(i)?.[0]);
    if (numbers[0] === 0 && numbers[1] === 1) return range(limits);
    return call.refuse("a range up to a named dimension must start at 0 with step 1");
  }
  const [from, to, by] = [start, limit, step].map((_, i) => call.numbers(i)?.[0] ?? 0);
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
  const [rows, columns] = shape.map(Number);
  const k = call.int("k", 0);
  const to = call.int("dtype");
  const type = to === undefined ? dtype : call.importer.elementType(to, `${call.label}: dtype`);
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
  Size: (call) => {
    const { shape } = call.input(0);
    return isStatic(shape) ? { sizes: [sizeOfShape(shape)], single: true } : countOf(shape, "i64");
  },
  Slice: sliced,
  SpaceToDepth: spaceToDepth,
  Split: splitInto,
  Squeeze: squeezed,
  Tile: tile,
  Transpose: (call) => transpose(call.input(0), call.ints("perm")),
  Unsqueeze: unsqueeze,
};
