import { toNumbers } from "../arrays.ts";
import { isFloat } from "../dtype.ts";
import { broadcastShapes, normalizeAxes, sizeOfShape } from "../shape.ts";
import { constant, type Tensor } from "../tensor.ts";
import { narrowIntegers } from "./narrow-integers.ts";
import type { NodeCall } from "./node-call.ts";
import { constantFrom, isExact, type Known, smallKnown } from "./values.ts";

type Binary = (a: number, b: number) => number;

const binary: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Min: Math.min,
  Max: Math.max,
};

const comparisons: Readonly<Record<string, Binary>> = {
  And: (a, b) => a && b,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Or: (a, b) => a || b,
};

const unary: Readonly<Record<string, (a: number) => number>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Floor: Math.floor,
  Neg: (a) => -a,
  Relu: (a) => Math.max(a, 0),
  Sqrt: Math.sqrt,
};

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
const regrouping = ["Identity", "Reshape", "Squeeze", "Unsqueeze"];

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

/**
 * The result of a node whose inputs are all known and small, such as the arithmetic of shapes that exporters write; or
 * undefined for operators that are left to the graph.
 */
export function fold(call: NodeCall): Tensor | undefined {
  const { opType, domain } = call.node;
  if (domain !== "" || call.values.length === 0) return undefined;
  const operands: Known[] = [];
  for (const [i, value] of call.values.entries()) {
    const known = value && smallKnown(value);
    // Exporters write the largest integer for the end of a slice: bounds are clipped, so they need not be exact.
    const free = regrouping.includes(opType) || (opType === "Slice" && i > 0);
    if (!known || !(free || isExact(known))) return undefined;
    operands.push(known);
  }
  const [a, b, c] = operands;
  const rounded = (values: number[]) => (a.dtype === "f32" ? values.map(Math.fround) : values);
  if (Object.hasOwn(binary, opType) && operands.length === 2) {
    const { shape, values } = combined(operands, ([x, y]) => binary[opType](x, y));
    return constantFrom(a.dtype, rounded(values), shape);
  }
  if (Object.hasOwn(comparisons, opType)) {
    const { shape, values } = combined(operands, ([x, y]) => comparisons[opType](x, y));
    return constantFrom("bool", values, shape);
  }
  if (Object.hasOwn(unary, opType))
    return constantFrom(a.dtype, rounded(toNumbers(a).map(unary[opType])), a.shape);
  switch (opType) {
    case "Div": {
      if (!isFloat(a.dtype) && b.data.some((x) => Number(x) === 0)) return undefined;
      const { shape, values } = combined(operands, ([x, y]) =>
        isFloat(a.dtype) ? x / y : Math.trunc(x / y),
      );
      return constantFrom(a.dtype, rounded(values), shape);
    }
    case "Mod": {
      if (isFloat(a.dtype) || call.int("fmod", 0) !== 0 || b.data.some((x) => Number(x) === 0))
        return undefined;
      const { shape, values } = combined(operands, ([x, y]) => x - y * Math.floor(x / y));
      return constantFrom(a.dtype, values, shape);
    }
    case "Not":
      return constantFrom(
        "bool",
        toNumbers(a).map((x) => (x ? 0 : 1)),
        a.shape,
      );
    case "Where": {
      const { shape, values } = combined([a, b, c], ([on, x, y]) => (on ? x : y));
      return constantFrom(b.dtype, values, shape);
    }
    case "Cast": {
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
    case "CastLike":
      return b.dtype !== "i64" || toNumbers(a).every(Number.isFinite)
        ? constantFrom(b.dtype, toNumbers(a), a.shape)
        : undefined;
    case "Size":
      return constantFrom("i64", [a.data.length], []);
    case "Gather":
      return taken(a, normalizeAxes("Gather", a.shape.length, call.int("axis", 0))[0], b);
    case "ReduceProd": {
      if (a.shape.length !== 1) return undefined;
      const product = toNumbers(a).reduce((x, y) => x * y, 1);
      return constantFrom(a.dtype, rounded([product]), call.int("keepdims", 1) === 1 ? [1] : []);
    }
    case "Reshape":
      return call.int("allowzero", 0) === 0 ? reshaped(a, toNumbers(b)) : undefined;
    case "Squeeze":
      return squeezed(a, b ? toNumbers(b) : call.ints("axes"));
    case "Unsqueeze":
      return unsqueezed(a, b ? toNumbers(b) : (call.ints("axes") ?? []));
    case "Concat":
      if (operands.some(({ shape }) => shape.length !== 1)) return undefined;
      return constantFrom(
        a.dtype,
        operands.flatMap(({ data }) => [...data].map(Number)),
        [operands.reduce((n, { data }) => n + data.length, 0)],
      );
    case "Slice":
      return sliced(call, operands);
    case "Transpose":
      return transposed(a, call.ints("perm") ?? a.shape.map((_, i) => a.shape.length - 1 - i));
    default:
      return undefined;
  }
}
