import { siluOp } from "../ops/activations.ts";
import { binaryOps } from "../ops/arithmetic.ts";
import { unaryOps } from "../ops/unary.ts";
import { scalar } from "../tensor.ts";
import type { Rule, Rules } from "./rule.ts";

const { add, div, mul } = binaryOps;

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

/** x sigmoid(x). */
const siluBySigmoid: Rule = ([x], _, __, make) =>
  make(mul, [x, make(unaryOps.sigmoid, [x], undefined)], undefined);

export const sigmoidRules: Rules = [
  [unaryOps.sigmoid, [sigmoidByExp]],
  [siluOp, [siluBySigmoid]],
];
