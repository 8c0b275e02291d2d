import type { Emitter } from "../onnx/emit.ts";
import { broadcastShapes } from "../shape.ts";
import {
  type Application,
  apply,
  floatType,
  isTensor,
  type Op,
  type Operand,
  operands,
  sameType,
  scalar,
  type Tensor,
} from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { lowerAtan2 } from "./atan2.ts";
import { onesLike, sumTo } from "./broadcast.ts";
import { and, equal, greater } from "./compare.ts";
import { where } from "./select.ts";
import { log, neg, square } from "./unary.ts";

type Lowering = (emit: Emitter, names: readonly string[], application: Application<undefined>) => string;

/** `partials` returns both partial derivatives, each times `by`. */
function binary(
  name: string,
  lowering: string | Lowering,
  partials: (a: Tensor, b: Tensor, y: Tensor, by: Tensor) => readonly [() => Tensor, () => Tensor],
): Op<undefined> {
  const op: Op<undefined> = {
    name,
    type: ([a, b]) => ({ dtype: sameType(name, [a, b]), shape: broadcastShapes(name, a.shape, b.shape) }),
    vjp: ({ inputs: [a, b], output }, cotangent) => {
      const [toA, toB] = partials(a, b, output, cotangent);
      return [sumTo(toA(), a.shape), sumTo(toB(), b.shape)];
    },
    jvp: ({ inputs: [a, b], output }, [ta, tb]) => {
      const fromA = ta && partials(a, b, output, ta)[0]();
      const fromB = tb && partials(a, b, output, tb)[1]();
      return fromA && fromB ? add(fromA, fromB) : (fromA ?? fromB);
    },
    lower: (emit, names, application) =>
      typeof lowering === "string"
        ? emit.elementwise(lowering, names, application)
        : lowering(emit, names, application),
    vmap: (inputs, batched) => apply(op, alignLeading(inputs, batched), undefined),
  };
  return op;
}

/** 1 where a is the larger operand, 0 where b is, and 1/2 where they are equal. */
function chosen(a: Tensor, b: Tensor): Tensor {
  return where(greater(a, b), scalar(1, a.dtype), where(equal(a, b), scalar(0.5, a.dtype), 0));
}

export const binaryOps = {
  add: binary("add", "Add", (_, __, ___, by) => [() => by, () => by]),
  sub: binary("sub", "Sub", (_, __, ___, by) => [() => by, () => neg(by)]),
  mul: binary("mul", "Mul", (a, b, _, by) => [() => mul(by, b), () => mul(by, a)]),
  div: binary("div", "Div", (_, b, y, by) => [() => div(by, b), () => neg(div(mul(by, y), b))]),
  maximum: binary("maximum", "Max", (a, b, _, by) => [
    () => mul(by, chosen(a, b)),
    () => mul(by, chosen(b, a)),
  ]),
  minimum: binary("minimum", "Min", (a, b, _, by) => [
    () => mul(by, chosen(b, a)),
    () => mul(by, chosen(a, b)),
  ]),
  power: binary("power", "Pow", (a, b, y, by) => [
    // b a^(b - 1), which is 0 where b is 0, even at a = 0. Elsewhere the exponent must stay differentiable in b.
    () => mul(by, mul(b, power(a, where(and(equal(a, 0), equal(b, 0)), 1, sub(b, 1))))),
    () => mul(by, mul(y, log(where(greater(a, 0), a, 1)))),
  ]),
  atan2: binary("atan2", lowerAtan2, (y, x, _, by) => [
    () => div(mul(by, x), add(square(x), square(y))),
    () => neg(div(mul(by, y), add(square(x), square(y)))),
  ]),
};

const binaryFunction = (op: Op<undefined>) => (a: Operand, b: Operand) =>
  apply(op, operands(op.name, a, b), undefined);

/** a + b with broadcasting; a number becomes a constant of the other operand's type. */
export const add = binaryFunction(binaryOps.add);
/** a - b. */
export const sub = binaryFunction(binaryOps.sub);
/** a b, elementwise. */
export const mul = binaryFunction(binaryOps.mul);
/** a / b, elementwise. */
export const div = binaryFunction(binaryOps.div);
/** The elementwise maximum of a and b; where they are equal, each gets half the derivative. */
export const maximum = binaryFunction(binaryOps.maximum);
/** The elementwise minimum of a and b; where they are equal, each gets half the derivative. */
export const minimum = binaryFunction(binaryOps.minimum);
const power = binaryFunction(binaryOps.power);
const angle = binaryFunction(binaryOps.atan2);

/**
 * The angle of the point (x, y) from the positive x axis, in [-pi, pi]; 0 at the origin, where the derivative is not
 * defined. The sign of a zero y is ignored: on the negative x axis the angle is pi.
 *
 * @throws TypeMismatchError unless the operands are of one floating-point type
 */
export function atan2(y: Operand, x: Operand): Tensor {
  const [first, second] = operands("atan2", y, x);
  floatType("atan2", first);
  return angle(first, second);
}

const powOp: Op<{ readonly exponent: number }> = {
  name: "pow",
  type: ([x]) => ({ dtype: floatType("pow", x), shape: x.shape }),
  vjp: ({ inputs: [x], attributes: { exponent } }, cotangent) => [
    mul(cotangent, mul(pow(x, exponent - 1), exponent)),
  ],
  jvp: ({ inputs: [x], attributes: { exponent } }, [tangent]) =>
    tangent && mul(tangent, mul(pow(x, exponent - 1), exponent)),
  lower: (emit, [x], { inputs, attributes: { exponent } }) =>
    emit.node("Pow", [x, emit.scalar(floatType("pow", inputs[0]), exponent, inputs[0].shape.length)]),
  vmap: (inputs, _, attributes) => apply(powOp, inputs, attributes),
};

/**
 * x^exponent, elementwise with broadcasting. The derivative with respect to a tensor exponent, x^exponent log x, is
 * taken as 0 where x <= 0.
 *
 * @throws TypeMismatchError unless x is f32 or f64 and the exponent has its type
 */
export function pow(x: Tensor, exponent: Operand): Tensor {
  if (isTensor(exponent)) {
    floatType("pow", x);
    return power(x, exponent);
  }
  if (exponent === 0) return onesLike(x);
  if (exponent === 1) return x;
  if (exponent === 2) return square(x);
  return apply(powOp, [x], { exponent });
}
