import { binaryOps } from "../ops/arithmetic.ts";
import { broadcastToOp } from "../ops/broadcast.ts";
import { whereOp } from "../ops/select.ts";
import { unaryOps } from "../ops/unary.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import type { Op } from "../tensor.ts";
import { as, type Rule, type Rules } from "./rule.ts";

const { add, sub, mul, div, maximum, minimum } = binaryOps;

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

/** Operands need not be repeated before operations that repeat them, nor before those on each element alone. */
export const broadcastingRules: Rules = [
  ...[add, sub, mul, div, maximum, minimum].map((op) => [op, [unbroadcast(op)]] as const),
  ...Object.values(unaryOps).map((op) => [op, [unaryOfBroadcast(op)]] as const),
  [whereOp, [([, a, b], _, type, make) => (a === b ? as(a, type, make) : undefined), unbroadcast(whereOp)]],
];
