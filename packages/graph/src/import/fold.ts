import { toNumbers } from "../arrays.ts";
import { type DType, isFloat } from "../dtype.ts";
import { broadcastShapes, normalizeAxes, sizeOfShape } from "../shape.ts";
import { constant, type Tensor } from "../tensor.ts";
import { narrowIntegers } from "./narrow-integers.ts";
import type { NodeCall } from "./node-call.ts";
import { constantFrom, isExact, type Known, smallKnown } from "./values.ts";

/** The result of an operator on known operands; undefined where it is left to the graph. */
type Fold = (operands: readonly Known[], call: NodeCall) => Tensor | undefined;

/** The flat index of each element of a broadcast result in one operand. */
function places(from: readonly number[], to: readonly number[]): (flat: number) => number {
  const offset = to.length - from.length;
  return (flat) => {
    let index = 0;
    let rest = flat;
    let stride = 1;
    for (let axis = to.length - 1; axis >= offset; axis--) {
      const at = rest % to[axis];
      rest = Math.floor(rest / to[axis]);
      const size = from[axis - offset];
      if (size !== 1) index += at * stride;
      stride *= size;
    }
    return index;
  };
}

function combined(operands: readonly Known[], f: (values: readonly number[]) => number) {
  const shape = broadcastShapes("fold", ...operands.map((operand) => operand.shape)).map(Number);
  const maps = operands.map((operand) => places(operand.shape, shape));
  const values = Array.from({ length: sizeOfShape(shape) }, (_, i) =>
    f(operands.map(({ data }, k) => Number(data[maps[k](i)]))),
  );
  return { shape, values };
}

/** Numbers as an element type holds them. */
const rounded = (dtype: DType, values: number[]) => (dtype === "f32" ? values.map(Math.fround) : values);

/** An operator on each entry of its operand. */
const unary =
  (f: (a: number) => number): Fold =>
  ([a]) =>
    constantFrom(a.dtype, rounded(a.dtype, toNumbers(a).map(f)), a.shape);

/** An operator on the entries of two broadcast operands. */
const binary =
  (f: (a: number, b: number) => number): Fold =>
  (operands) => {
    if (operands.length !== 2) return undefined;
    const [{ dtype }] = operands;
    const { shape, values } = combined(operands, ([a, b]) => f(a, b));
    return constantFrom(dtype, rounded(dtype, values), shape);
  };

/** An operator that compares the entries of two broadcast operands, or joins their truth. */
const comparison =
  (f: (a: number, b: number) => boolean | number): Fold =>
  (operands) => {
    const { shape, values } = combined(operands, ([a, b]) => Number(f(a, b)));
    return constantFrom("bool", values, shape);
  };

/** Integer division by 0 is an error of the run, and not known here. */
const divides = ({ dtype, data }: Known) => isFloat(dtype) || data.every((x) => Number(x) !== 0);

/** A known tensor of a shape whose entry at each index is that of another at an index made from it. */
function rearranged(
  { data, shape: from, dtype }: Known,
  shape: readonly number[],
  place: (index: readonly number[]) => readonly number[],
): Tensor {
  const values = Array.from({ length: sizeOfShape(shape) }, (_, flat) => {
    const index = new Array<number>(shape.length).fill(0);
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return Number(data[place(index).reduce((at, i, axis) => at * from[axis] + i, 0)]);
  });
  return constantFrom(dtype, values, shape);
}

/** Operators whose results have entries of their first input, so that integers of any size stay what they are. */
const regrouping = ["Reshape", "Squeeze", "Unsqueeze"];

/** The same entries in another shape. */
const inShape = ({ data }: Known, shape: readonly number[]) => constant(data, shape);

/** Without these axes of size 1, or without all of them; undefined where another one is named. */
function squeezed(a: Known, given: readonly number[] | undefined): Tensor | undefined {
  const { shape } = a;
  const axes = given && normalizeAxes("Squeeze", shape.length, given);
  if (axes?.some((axis) => shape[axis] !== 1)) return undefined;
  return inShape(
    a,
    shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
  );
}

/** With axes of size 1 at these places of the result. */
function unsqueezed(a: Known, given: readonly number[]): Tensor {
  const rank = a.shape.length + given.length;
  const axes = normalizeAxes("Unsqueeze", rank, given);
  const rest = [...a.shape];
  return inShape(
    a,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
  );
}

/** What ONNX's Slice takes of a known tensor; bounds are clipped to its ends. */
function sliced(call: NodeCall, [a, ...rest]: readonly Known[]): Tensor | undefined {
  // Before operator set 10 the bounds are attributes.
  const [starts, ends, given, by] =
    rest.length > 0 ? rest.map(toNumbers) : ["starts", "ends", "axes"].map((name) => call.ints(name));
  if (!starts || !ends) return undefined;
  const axes = normalizeAxes("Slice", a.shape.length, given ?? starts.map((_, i) => i));
  const steps = by ?? starts.map(() => 1);
  if (steps.includes(0)) return call.refuse("a step is 0");
  const cuts = a.shape.map((size, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return { start: 0, step: 1, count: size };
    const step = steps[i];
    const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
    const within = (n: number) => Math.min(Math.max(n < 0 ? n + size : n, lowest), highest);
    const [start, end] = [within(starts[i]), within(ends[i])];
    return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
  });
  return rearranged(
    a,
    cuts.map(({ count }) => count),
    (index) => index.map((at, axis) => cuts[axis].start + at * cuts[axis].step),
  );
}

function transposed(a: Known, perm: readonly number[]): Tensor {
  return rearranged(
    a,
    perm.map((axis) => a.shape[axis]),
    (index) => a.shape.map((_, axis) => index[perm.indexOf(axis)]),
  );
}

/** The entries of a known tensor at places along an axis. */
function taken({ data, shape, dtype }: Known, axis: number, indices: Known): Tensor {
  const [outer, inner] = [sizeOfShape(shape.slice(0, axis)), sizeOfShape(shape.slice(axis + 1))];
  const size = shape[axis];
  const values: number[] = [];
  for (let o = 0; o < outer; o++)
    for (const index of indices.data) {
      const at = Number(index) < 0 ? Number(index) + size : Number(index);
      for (let i = 0; i < inner; i++) values.push(Number(data[(o * size + at) * inner + i]));
    }
  return constantFrom(dtype, values, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]);
}

function reshaped(known: Known, wanted: readonly number[]): Tensor {
  const copied = wanted.map((d, i) => (d === 0 ? known.shape[i] : d));
  const rest = known.data.length / sizeOfShape(copied.filter((d) => d !== -1));
  return inShape(
    known,
    copied.map((d) => (d === -1 ? rest : d)),
  );
}

/** What ONNX's Cast makes of a known tensor; undefined for integers of what has none. */
function cast(a: Known, call: NodeCall): Tensor | undefined {
  const type = call.int("to", 0);
  const to = call.importer.elementType(type, call.label);
  const values = toNumbers(a);
  if (to === "i64" && !values.every(Number.isFinite)) return undefined;
  const narrow = narrowIntegers(type);
  if (!narrow) return constantFrom(to, values, a.shape);
  // Conversions to 8 and 16 bits wrap around.
  const { count, least } = narrow;
  const within = (x: number) => x - count * Math.floor((x - least) / count);
  return constantFrom(
    to,
    values.map((x) => within(Math.trunc(x))),
    a.shape,
  );
}

const folds: Readonly<Record<string, Fold>> = {
  Abs: unary(Math.abs),
  Ceil: unary(Math.ceil),
  Floor: unary(Math.floor),
  Neg: unary((a) => -a),
  Relu: unary((a) => Math.max(a, 0)),
  Sqrt: unary(Math.sqrt),

  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Min: binary(Math.min),
  Max: binary(Math.max),
  Div: (operands, call) => {
    const [{ dtype }, b] = operands;
    if (!divides(b)) return undefined;
    return binary((x, y) => (isFloat(dtype) ? x / y : Math.trunc(x / y)))(operands, call);
  },
  Mod: (operands, call) => {
    const [{ dtype }, b] = operands;
    if (isFloat(dtype) || call.int("fmod", 0) !== 0 || !divides(b)) return undefined;
    return binary((x, y) => x - y * Math.floor(x / y))(operands, call);
  },

  And: comparison((a, b) => a && b),
  Equal: comparison((a, b) => a === b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Or: comparison((a, b) => a || b),
  Not: ([a]) =>
    constantFrom(
      "bool",
      toNumbers(a).map((x) => (x ? 0 : 1)),
      a.shape,
    ),
  Where: (operands) => {
    const { shape, values } = combined(operands, ([on, x, y]) => (on ? x : y));
    return constantFrom(operands[1].dtype, values, shape);
  },

  Cast: ([a], call) => cast(a, call),
  CastLike: ([a, like]) =>
    like.dtype !== "i64" || toNumbers(a).every(Number.isFinite)
      ? constantFrom(like.dtype, toNumbers(a), a.shape)
      : undefined,

  Size: ([a]) => constantFrom("i64", [a.data.length], []),
  Gather: ([a, indices], call) =>
    taken(a, normalizeAxes("Gather", a.shape.length, call.int("axis", 0))[0], indices),
  ReduceProd: ([a], call) => {
    if (a.shape.length !== 1) return undefined;
    const product = toNumbers(a).reduce((x, y) => x * y, 1);
    return constantFrom(a.dtype, rounded(a.dtype, [product]), call.int("keepdims", 1) === 1 ? [1] : []);
  },
  Reshape: ([a, shape], call) => (call.int("allowzero", 0) === 0 ? reshaped(a, toNumbers(shape)) : undefined),
  Squeeze: ([a, axes], call) => squeezed(a, axes ? toNumbers(axes) : call.ints("axes")),
  Unsqueeze: ([a, axes], call) => unsqueezed(a, axes ? toNumbers(axes) : (call.ints("axes") ?? [])),
  Concat: (operands) => {
    if (operands.some(({ shape }) => shape.length !== 1)) return undefined;
    const values = operands.flatMap(toNumbers);
    return constantFrom(operands[0].dtype, values, [values.length]);
  },
  Slice: (operands, call) => sliced(call, operands),
  Transpose: ([a], call) => transposed(a, call.ints("perm") ?? a.shape.map((_, i) => a.shape.length - 1 - i)),
};

/**
 * The result of a node whose inputs are all known and small, such as the arithmetic of shapes that exporters write; or
 * undefined for operators that are left to the graph.
 */
export function fold(call: NodeCall): Tensor | undefined {
  const { opType, domain } = call.node;
  if (domain !== "" || call.values.length === 0 || !Object.hasOwn(folds, opType)) return undefined;
  const operands: Known[] = [];
  for (const [i, value] of call.values.entries()) {
    const known = value && smallKnown(value);
    // Exporters write the largest integer for the end of a slice: bounds are clipped, so they need not be exact.
    const free = regrouping.includes(opType) || (opType === "Slice" && i > 0);
    if (!known || !(free || isExact(known))) return undefined;
    operands.push(known);
  }
  return folds[opType](operands, call);
}
