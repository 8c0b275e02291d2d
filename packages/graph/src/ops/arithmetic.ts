import { broadcastShapes } from "../shape.ts";
import {
  apply,
  floatType,
  type Op,
  type Operand,
  operands,
  sameType,
  scalar,
  type Tensor,
} from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { onesLike, sumTo } from "./broadcast.ts";
import { equal, greater } from "./compare.ts";
import { where } from "./select.ts";
import { neg, square } from "./unary.ts";

function binary(
  name: string,
  operator: string,
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
    lower: (emit, names, application) => emit.elementwise(operator, names, application),
    vmap: (inputs, batched) => apply(op, alignLeading(inputs, batched), undefined),
  };
  return op;
}

/** Which operand is the larger: 1, 0, or 1/2 each where they are equal. */
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
};

const binaryFunction = (op: Op<undefined>) => (a: Operand, b: Operand) =>
  apply(op, operands(op.name, a, b), undefined);

/** a + b, with broadcasting; a number stands for a constant of the other's type. */
export const add = binaryFunction(binaryOps.add);
/** a - b. */
export const sub = binaryFunction(binaryOps.sub);
/** a b, elementwise. */
export const mul = binaryFunction(binaryOps.mul);
/** a / b, elementwise. */
export const div = binaryFunction(binaryOps.div);
/** The larger of a and b; where they are equal each has half the derivative. */
export const maximum = binaryFunction(binaryOps.maximum);
/** The smaller of a and b; where they are equal each has half the derivative. */
export const minimum = binaryFunction(binaryOps.minimum);

export const powOp: Op<{ readonly exponent: number }> = {
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

/** x^exponent for a constant exponent. */
export function pow(x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return onesLike(x);
  if (exponent === 1) return x;
  if (exponent === 2) return square(x);
  return apply(powOp, [x], { exponent });
}
