import { broadcastToOp } from "../ops/broadcast.ts";
import { type ReduceAttributes, sumOp, withSingles } from "../ops/reduce.ts";
import { castOp, identityOp } from "../ops/select.ts";
import { reshapeOp, sizeOp, transposeOp } from "../ops/shape.ts";
import { isStatic, type Shape, sameShape, sizeOfShape } from "../shape.ts";
import { scalar } from "../tensor.ts";
import { as, fill, type Rule, type Rules, repeated } from "./rule.ts";

const repeat: Rule = ([x], attributes, type, make) => {
  if (sameShape(x.shape, type.shape)) return x;
  return x.op === broadcastToOp ? make(broadcastToOp, x.inputs, attributes) : undefined;
};

/** A sum that is reshaped to what it is without its axes of one entry, over which it goes anyway. */
const ofSum: Rule = ([x], _, type, make) => {
  if (x.op !== sumOp) return undefined;
  const { axes, keepDims } = x.attributes as ReduceAttributes;
  const from = x.inputs[0].shape;
  const all = withSingles(axes, from);
  const rest = from.filter((_, axis) => !all.includes(axis));
  return !keepDims && all.length > axes.length && sameShape(rest, type.shape)
    ? make(sumOp, x.inputs, { axes: all, keepDims })
    : undefined;
};

const reshape: Rule = ([x], attributes, type, make) => {
  if (sameShape(x.shape, type.shape)) return x;
  if (x.op === reshapeOp) return make(reshapeOp, x.inputs, attributes);
  const value = repeated(x);
  if (value !== undefined) return fill(value, type, make);
  // One element repeated is one element repeated in any shape.
  const single = x.op === broadcastToOp ? x.inputs[0] : x;
  if (x.op !== broadcastToOp || !single.shape.every((d) => d === 1)) return undefined;
  return as(make(reshapeOp, [single], { shape: [] }), type, make);
};

const transpose: Rule = ([x], attributes, type, make) => {
  const value = repeated(x);
  if (value !== undefined) return fill(value, type, make);
  if (x.op !== transposeOp) return undefined;
  const outer = (attributes as { permutation: readonly number[] }).permutation;
  const inner = (x.attributes as { permutation: readonly number[] }).permutation;
  const permutation = outer.map((i) => inner[i]);
  return permutation.every((from, to) => from === to)
    ? x.inputs[0]
    : make(transposeOp, x.inputs, { permutation });
};

const knownSize: Rule = (_, attributes, type) => {
  const { shape } = attributes as { shape: Shape };
  return isStatic(shape) ? scalar(sizeOfShape(shape), type.dtype) : undefined;
};

const cast: Rule = ([x], _, type, make) => {
  if (x.dtype === type.dtype) return x;
  const value = repeated(x);
  return value !== undefined && type.dtype !== "bool" && Number.isSafeInteger(value)
    ? fill(value, type, make)
    : undefined;
};

/** What only gives elements another place, shape or type: twice is once, and of a constant it is a constant. */
export const shapeRules: Rules = [
  [identityOp, [([x]) => x]],
  [broadcastToOp, [repeat]],
  [reshapeOp, [reshape, ofSum]],
  [transposeOp, [transpose]],
  [sizeOp, [knownSize]],
  [castOp, [cast]],
];
