import { isFloat } from "./dtype.ts";
import { type LoopAttributes, loopOp } from "./loop.ts";
import { binaryOps } from "./ops/arithmetic.ts";
import { broadcastToOp } from "./ops/broadcast.ts";
import { type MatmulAttributes, matmulOp } from "./ops/matmul.ts";
import { type ReduceAttributes, sumOp } from "./ops/reduce.ts";
import { castOp, identityOp, whereOp } from "./ops/select.ts";
import { reshapeOp, sizeOp, transposeOp } from "./ops/shape.ts";
import { unaryOps } from "./ops/unary.ts";
import { broadcastShapes, isStatic, type Shape, sameShape, sizeOfShape } from "./shape.ts";
import {
  apply,
  type ConstantAttributes,
  constantOp,
  inputOp,
  type Op,
  reachable,
  scalar,
  scalarValue,
  type Tensor,
} from "./tensor.ts";

type Make = (op: Op, inputs: readonly Tensor[], attributes: unknown) => Tensor;
/** Another node for the same value, or undefined when the rule does not apply. Rules see simplified inputs. */
type Rule = (inputs: readonly Tensor[], attributes: unknown, type: Tensor, make: Make) => Tensor | undefined;

const { add, sub, mul, div, maximum, minimum } = binaryOps;
const commutative: ReadonlySet<Op> = new Set<Op>([add, mul, maximum, minimum]);

/** The scalar that a tensor repeats, if it is a constant repeated. */
function repeated(tensor: Tensor): number | undefined {
  const inner = tensor.op === broadcastToOp || tensor.op === reshapeOp ? tensor.inputs[0] : tensor;
  return scalarValue(inner);
}

function fill(value: number, like: Tensor, make: Make): Tensor {
  const one = scalar(value, like.dtype);
  return like.shape.length === 0 ? one : make(broadcastToOp, [one], { shape: like.shape });
}

/** `x` where the result has its shape; else it has to be repeated. */
function as(x: Tensor, type: Tensor, make: Make): Tensor {
  return sameShape(x.shape, type.shape) ? x : make(broadcastToOp, [x], { shape: type.shape });
}

const fold: ReadonlyMap<Op<never> | Op, (a: number, b: number) => number> = new Map([
  [add as Op, (a: number, b: number) => a + b],
  [sub as Op, (a: number, b: number) => a - b],
  [mul as Op, (a: number, b: number) => a * b],
  [div as Op, (a: number, b: number) => a / b],
]);

/** Elementwise operations broadcast by themselves: an operand need not be repeated first. */
const unbroadcast =
  (op: Op): Rule =>
  (inputs, attributes, type, make) => {
    const bare = inputs.map((t) => (t.op === broadcastToOp ? t.inputs[0] : t));
    for (let i = 0; i < inputs.length; i++) {
      if (bare[i] === inputs[i]) continue;
      const candidate = inputs.map((t, j) => (i === j ? bare[j] : t));
      if (sameShape(broadcastShapes(op.name, ...candidate.map((t) => t.shape)), type.shape))
        return make(op, candidate, attributes);
    }
    return undefined;
  };

/** f of a repeated tensor is f of the tensor, repeated. */
const unaryOfBroadcast =
  (op: Op): Rule =>
  ([x], attributes, type, make) =>
    x.op === broadcastToOp ? as(make(op, [x.inputs[0]], attributes), type, make) : undefined;

/**
 * In float64, 1/(1 + 1/e^x) and, for the other side, sigmoid(-x) = 1/(1 + e^x): derivatives ask for both, and so they
 * share the exponential. Both keep full relative precision; where e^x overflows or underflows the limits are exact.
 * (ONNX Runtime's own float64 kernel computes 1 - sigmoid(-x) for negative x, which cancels.)
 */
const sigmoidByExp: Rule = ([x], _, type, make) => {
  if (type.dtype !== "f64") return undefined;
  const one = scalar(1, "f64");
  const negated = x.op === unaryOps.neg;
  const growth = make(unaryOps.exp, [negated ? x.inputs[0] : x], undefined);
  const odds = negated ? growth : make(div, [one, growth], undefined);
  return make(div, [one, make(add, [one, odds], undefined)], undefined);
};

const constants =
  (op: Op): Rule =>
  ([a, b], _, type, make) => {
    const x = repeated(a);
    const y = repeated(b);
    const f = fold.get(op);
    if (x === undefined || y === undefined || !f || (type.dtype !== "f32" && type.dtype !== "f64"))
      return undefined;
    const value = f(x, y);
    return fill(type.dtype === "f32" ? Math.fround(value) : value, type, make);
  };

const arithmetic: ReadonlyMap<Op, Rule> = new Map<Op, Rule>([
  [
    add,
    ([a, b], _, type, make) => {
      if (repeated(b) === 0) return as(a, type, make);
      if (repeated(a) === 0) return as(b, type, make);
      if (b.op === unaryOps.neg) return make(sub, [a, b.inputs[0]], undefined);
      if (a.op === unaryOps.neg) return make(sub, [b, a.inputs[0]], undefined);
      return undefined;
    },
  ],
  [
    sub,
    ([a, b], _, type, make) => {
      if (repeated(b) === 0) return as(a, type, make);
      if (repeated(a) === 0) return as(make(unaryOps.neg, [b], undefined), type, make);
      if (b.op === unaryOps.neg) return make(add, [a, b.inputs[0]], undefined);
      return undefined;
    },
  ],
  [
    mul,
    ([a, b], _, type, make) => {
      for (const [x, y] of [
        [a, b],
        [b, a],
      ]) {
        const factor = repeated(x);
        if (factor === 1) return as(y, type, make);
        if (factor === 0) return fill(0, type, make);
        if (factor === -1) return as(make(unaryOps.neg, [y], undefined), type, make);
        if (factor !== undefined && y.op === mul) {
          const inner = repeated(y.inputs[0]);
          // c (d x) = (c d) x is exact when c or d is a power of two; 2 (x 0.5) and the like come from derivatives.
          if (inner !== undefined && (isPowerOfTwo(factor) || isPowerOfTwo(inner)))
            return make(mul, [scalar(factor * inner, type.dtype), as(y.inputs[1], type, make)], undefined);
        }
      }
      return undefined;
    },
  ],
  [
    div,
    ([a, b], _, type, make) => {
      if (repeated(b) === 1) return as(a, type, make);
      if (repeated(a) === 0) return fill(0, type, make);
      // One pass less; and ONNX Runtime 1.30 fuses (1/x) (1/y) into a model that it then refuses.
      if (repeated(a) === 1 && isFloat(type.dtype))
        return as(make(unaryOps.reciprocal, [b], undefined), type, make);
      return undefined;
    },
  ],
]);

/** The factors of the square of a matrix product over a single inner element, each with its dimensions in place. */
function outerProductBelow(x: Tensor): [Tensor, Tensor] | undefined {
  if (x.op !== unaryOps.square || x.inputs[0].op !== matmulOp) return undefined;
  const product = x.inputs[0];
  const [a, b] = product.inputs;
  const { transposeA } = product.attributes as MatmulAttributes;
  const rank = x.shape.length;
  if (a.shape.length !== rank || b.shape.length !== rank || a.shape[rank - (transposeA ? 2 : 1)] !== 1)
    return undefined;
  return sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2)) ? [a, b] : undefined;
}

function isPowerOfTwo(value: number): boolean {
  return value !== 0 && Number.isInteger(Math.log2(Math.abs(value)));
}

function swapsLastTwo(tensor: Tensor): boolean {
  if (tensor.op !== transposeOp) return false;
  const { permutation } = tensor.attributes as { permutation: readonly number[] };
  const rank = permutation.length;
  return permutation.every(
    (from, to) => from === (to === rank - 2 ? rank - 1 : to === rank - 1 ? rank - 2 : to),
  );
}

const rules: ReadonlyMap<Op, readonly Rule[]> = new Map<Op, readonly Rule[]>([
  ...[add, sub, mul, div, maximum, minimum].map((op): [Op, Rule[]] => {
    const own = arithmetic.get(op);
    return [op, [constants(op), ...(own ? [own] : []), unbroadcast(op)]];
  }),
  ...Object.values(unaryOps)
    .filter((op) => op !== unaryOps.neg)
    .map((op): [Op, Rule[]] => [
      op,
      [unaryOfBroadcast(op), ...(op === unaryOps.sigmoid ? [sigmoidByExp] : [])],
    ]),
  [whereOp, [([, a, b], _, type, make) => (a === b ? as(a, type, make) : undefined), unbroadcast(whereOp)]],
  [identityOp, [([x]) => x]],
  [
    unaryOps.neg,
    [
      ([x], _, type, make) => {
        const value = repeated(x);
        if (value !== undefined) return fill(-value, type, make);
        if (x.op === unaryOps.neg) return x.inputs[0];
        if (x.op === sub) return make(sub, [x.inputs[1], x.inputs[0]], undefined);
        return undefined;
      },
      unaryOfBroadcast(unaryOps.neg),
    ],
  ],
  [
    broadcastToOp,
    [
      ([x], attributes, type, make) => {
        if (sameShape(x.shape, type.shape)) return x;
        return x.op === broadcastToOp ? make(broadcastToOp, x.inputs, attributes) : undefined;
      },
    ],
  ],
  [
    reshapeOp,
    [
      ([x], attributes, type, make) => {
        if (sameShape(x.shape, type.shape)) return x;
        if (x.op === reshapeOp) return make(reshapeOp, x.inputs, attributes);
        const value = repeated(x);
        if (value !== undefined) return fill(value, type, make);
        // One element repeated is one element repeated in any shape.
        const single = x.op === broadcastToOp ? x.inputs[0] : x;
        if (x.op !== broadcastToOp || !single.shape.every((d) => d === 1)) return undefined;
        return as(make(reshapeOp, [single], { shape: [] }), type, make);
      },
    ],
  ],
  [
    transposeOp,
    [
      ([x], attributes, type, make) => {
        const value = repeated(x);
        if (value !== undefined) return fill(value, type, make);
        if (x.op !== transposeOp) return undefined;
        const outer = (attributes as { permutation: readonly number[] }).permutation;
        const inner = (x.attributes as { permutation: readonly number[] }).permutation;
        const permutation = outer.map((i) => inner[i]);
        return permutation.every((from, to) => from === to)
          ? x.inputs[0]
          : make(transposeOp, x.inputs, { permutation });
      },
    ],
  ],
  [
    matmulOp,
    [
      (inputs, attributes, _, make) => {
        if (!inputs.some(swapsLastTwo)) return undefined;
        const { transposeA, transposeB } = attributes as MatmulAttributes;
        const [a, b] = inputs.map((t) => (swapsLastTwo(t) ? t.inputs[0] : t));
        return make(matmulOp, [a, b], {
          transposeA: transposeA !== (a !== inputs[0]),
          transposeB: transposeB !== (b !== inputs[1]),
        });
      },
    ],
  ],
  [
    sumOp,
    [
      ([x], attributes, type, make) => {
        const { axes, keepDims } = attributes as ReduceAttributes;
        const outer = outerProductBelow(x);
        if (outer && axes.includes(x.shape.length - 2) && axes.includes(x.shape.length - 1)) {
          // The squared norm of an outer product is the product of the squared norms: it need not be formed.
          const [left, right] = outer.map((t) =>
            make(sumOp, [make(unaryOps.square, [t], undefined)], { axes, keepDims }),
          );
          return make(mul, [left, right], undefined);
        }
        if (axes.every((axis) => x.shape[axis] === 1)) return make(reshapeOp, [x], { shape: type.shape });
        const value = repeated(x);
        if (value === undefined || (x.dtype !== "f32" && x.dtype !== "f64")) return undefined;
        if (value === 0) return fill(0, type, make);
        const over: Shape = axes.map((axis) => x.shape[axis]);
        const total = make(
          mul,
          [scalar(value, x.dtype), make(sizeOp, [], { shape: over, dtype: x.dtype })],
          undefined,
        );
        return as(total, type, make);
      },
    ],
  ],
  [
    sizeOp,
    [
      (_, attributes, type) => {
        const { shape } = attributes as { shape: Shape };
        return isStatic(shape) ? scalar(sizeOfShape(shape), type.dtype) : undefined;
      },
    ],
  ],
  [
    castOp,
    [
      ([x], _, type, make) => {
        if (x.dtype === type.dtype) return x;
        const value = repeated(x);
        return value !== undefined && type.dtype !== "bool" && Number.isSafeInteger(value)
          ? fill(value, type, make)
          : undefined;
      },
    ],
  ],
]);

function keyOf(op: Op, inputs: readonly Tensor[], attributes: unknown, type: Tensor): string | undefined {
  if (op === inputOp || op === loopOp) return undefined;
  const order = inputs.map((t) => t.id);
  if (commutative.has(op)) order.sort((a, b) => a - b);
  const ids = order.join(",");
  if (op !== constantOp) return `${op.name}(${ids})${JSON.stringify(attributes)}`;
  const { data } = attributes as ConstantAttributes;
  return data.length <= 16
    ? `constant ${type.dtype}[${type.shape}]${data.join(",")}/${signs(data)}`
    : undefined;
}

/** Tells 0 from -0. */
function signs(data: ConstantAttributes["data"]): string {
  return data instanceof BigInt64Array
    ? ""
    : Array.from(data, (v) => (Object.is(v, -0) ? "-" : "+")).join("");
}

/**
 * The same outputs from fewer nodes: equal subexpressions become one node, and algebra that changes no finite result
 * by more than a rounding removes work that tracing and differentiation leave behind. (0 times x is 0 here, also
 * where x would be infinite.)
 */
export function simplify(outputs: readonly Tensor[]): Tensor[] {
  const known = new Map<string, Tensor>();
  const make: Make = (op, inputs, attributes) => {
    const type = apply(op, inputs, attributes);
    const key = keyOf(op, inputs, attributes, type);
    const same = key === undefined ? undefined : known.get(key);
    if (same) return same;
    for (const rule of rules.get(op) ?? []) {
      const other = rule(inputs, attributes, type, make);
      if (!other) continue;
      const result = other.op === constantOp ? make(constantOp, [], other.attributes) : other;
      if (key !== undefined) known.set(key, result);
      return result;
    }
    if (key !== undefined) known.set(key, type);
    return type;
  };
  const replacement = new Map<Tensor, Tensor>();
  const replaced = (t: Tensor) => replacement.get(t)!;
  for (const tensor of reachable(outputs)) {
    if (tensor.op === inputOp) replacement.set(tensor, tensor);
    else if (tensor.op === loopOp) {
      const { carried, stacked, ...rest } = tensor.attributes as LoopAttributes;
      const attributes = { ...rest, carried: carried.map(replaced), stacked: stacked.map(replaced) };
      replacement.set(tensor, make(loopOp, tensor.inputs.map(replaced), attributes));
    } else replacement.set(tensor, make(tensor.op, tensor.inputs.map(replaced), tensor.attributes));
  }
  return outputs.map(replaced);
}
