import { binaryOps } from "../ops/arithmetic.ts";
import { matmulOp } from "../ops/matmul.ts";
import { sumOp } from "../ops/reduce.ts";
import { reshapeOp, transposeOp } from "../ops/shape.ts";
import { unaryOps } from "../ops/unary.ts";
import { sameShape } from "../shape.ts";
import type { Op, Tensor } from "../tensor.ts";
import { fill, type Rule, type Rules, repeated } from "./rule.ts";

const { add, sub, mul, div } = binaryOps;
const { neg } = unaryOps;

const negated = (t: Tensor) => t.op === neg;

const ofNegation: Rule = ([x], _, type, make) => {
  const value = repeated(x);
  if (value !== undefined) return fill(-value, type, make);
  if (negated(x)) return x.inputs[0];
  if (x.op === sub) return make(sub, [x.inputs[1], x.inputs[0]], undefined);
  return undefined;
};

const ofSum: Rule = ([a, b], _, __, make) => {
  if (negated(b)) return make(sub, [a, b.inputs[0]], undefined);
  if (negated(a)) return make(sub, [b, a.inputs[0]], undefined);
  return undefined;
};

const ofDifference: Rule = ([a, b], _, __, make) =>
  negated(b) ? make(add, [a, b.inputs[0]], undefined) : undefined;

/** -a b = -(a b). The sign stays on the operand where that is smaller than the result. */
const outward =
  (op: Op, signed: readonly number[]): Rule =>
  (inputs, attributes, type, make) => {
    const i = signed.find((k) => negated(inputs[k]) && !isSmaller(inputs[k], type));
    if (i === undefined) return undefined;
    return make(neg, [make(op, inputs.with(i, inputs[i].inputs[0]), attributes)], undefined);
  };

/** Whether a sign costs less on `x` than on `type`; of two matrices whose sizes cannot be compared, it does not. */
function isSmaller(x: Tensor, { op, shape }: Tensor): boolean {
  return op !== matmulOp && op !== sumOp && !sameShape(x.shape, shape);
}

/**
 * Signs move outward through everything that they pass exactly, until a sum takes them up as a difference, or two
 * meet. Derivatives leave many: of differences, of 1 - y^2, of quotients.
 */
export const signRules: Rules = [
  [neg, [ofNegation]],
  [add, [ofSum]],
  [sub, [ofDifference]],
  [mul, [outward(mul, [0, 1])]],
  [div, [outward(div, [0, 1])]],
  [matmulOp, [outward(matmulOp, [0, 1])]],
  [sumOp, [outward(sumOp, [0])]],
  [reshapeOp, [outward(reshapeOp, [0])]],
  [transposeOp, [outward(transposeOp, [0])]],
];
