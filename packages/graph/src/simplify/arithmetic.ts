import { isFloat } from "../dtype.ts";
import { binaryOps } from "../ops/arithmetic.ts";
import { unaryOps } from "../ops/unary.ts";
import { sameShape } from "../shape.ts";
import { scalar, type Tensor } from "../tensor.ts";
import { as, fill, isPowerOfTwo, type Rule, type Rules, repeated } from "./rule.ts";

const { add, sub, mul, div } = binaryOps;
const { neg, reciprocal } = unaryOps;

const eitherWay = ([a, b]: readonly Tensor[]) =>
  [
    [a, b],
    [b, a],
  ] as const;

/** An operation on constants is a constant. */
const folded =
  (f: (a: number, b: number) => number): Rule =>
  ([a, b], _, type, make) => {
    const x = repeated(a);
    const y = repeated(b);
    if (x === undefined || y === undefined || !isFloat(type.dtype)) return undefined;
    const value = f(x, y);
    return fill(type.dtype === "f32" ? Math.fround(value) : value, type, make);
  };

const neutralAdd: Rule = ([a, b], _, type, make) => {
  if (repeated(b) === 0) return as(a, type, make);
  if (repeated(a) === 0) return as(b, type, make);
  return undefined;
};

const neutralSub: Rule = ([a, b], _, type, make) => {
  if (repeated(b) === 0) return as(a, type, make);
  if (repeated(a) === 0 && isFloat(type.dtype)) return as(make(neg, [b], undefined), type, make);
  return undefined;
};

const constantFactor: Rule = (operands, _, type, make) => {
  for (const [x, y] of eitherWay(operands)) {
    const factor = repeated(x);
    if (factor === 1) return as(y, type, make);
    if (factor === 0) return fill(0, type, make);
    if (factor === -1 && isFloat(type.dtype)) return as(make(neg, [y], undefined), type, make);
    if (factor === undefined) continue;
    if (y.op === neg) return as(make(mul, [scalar(-factor, type.dtype), y.inputs[0]], undefined), type, make);
    if (y.op !== mul) continue;
    // c (d x) = (c d) x is exact when c or d is a power of two; 2 (x 0.5) and the like come from derivatives.
    for (const [d, rest] of eitherWay(y.inputs)) {
      const inner = repeated(d);
      if (inner !== undefined && (isPowerOfTwo(factor) || isPowerOfTwo(inner)))
        return make(mul, [scalar(factor * inner, type.dtype), as(rest, type, make)], undefined);
    }
  }
  return undefined;
};

/**
 * (c x) y = x (c y) where y is repeated: the factor goes to the one of fewer entries. Of a power of two it is exact, such as
 * the 2 in the derivative of a variance or of a mean of squares.
 */
const factorOfFewer: Rule = (operands, _, type, make) => {
  for (const [multiple, y] of eitherWay(operands)) {
    if (multiple.op !== mul || sameShape(y.shape, type.shape) || repeated(y) !== undefined) continue;
    for (const [c, x] of eitherWay(multiple.inputs)) {
      const factor = repeated(c);
      if (factor !== undefined && isPowerOfTwo(factor) && sameShape(x.shape, type.shape))
        return make(mul, [x, make(mul, [scalar(factor, type.dtype), y], undefined)], undefined);
    }
  }
  return undefined;
};

const constantQuotient: Rule = ([a, b], _, type, make) => {
  if (repeated(b) === 1) return as(a, type, make);
  if (repeated(a) === 0) return fill(0, type, make);
  // One pass less; and ONNX Runtime 1.30 fuses (1/x) (1/y) into a model that it then refuses.
  if (repeated(a) === 1 && isFloat(type.dtype)) return as(make(reciprocal, [b], undefined), type, make);
  return undefined;
};

/** Constants among the operands of sums and products. */
export const arithmeticRules: Rules = [
  [add, [folded((a, b) => a + b), neutralAdd]],
  [sub, [folded((a, b) => a - b), neutralSub]],
  [mul, [folded((a, b) => a * b), constantFactor, factorOfFewer]],
  [div, [folded((a, b) => a / b), constantQuotient]],
];
