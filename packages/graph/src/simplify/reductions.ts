import { isFloat } from "../dtype.ts";
import { scatterAddAlongOp } from "../ops/along.ts";
import { binaryOps } from "../ops/arithmetic.ts";
import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import { type ReduceAttributes, sumOp } from "../ops/reduce.ts";
import { reshapeOp, sizeOp } from "../ops/shape.ts";
import { unaryOps } from "../ops/unary.ts";
import { type Shape, sameShape } from "../shape.ts";
import { scalar, type Tensor } from "../tensor.ts";
import { as, fill, type Rule, type Rules, repeated } from "./rule.ts";

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

/** The squared norm of an outer product is the product of the squared norms: it need not be formed. */
const ofOuterProduct: Rule = ([x], attributes, _, make) => {
  const { axes, keepDims } = attributes as ReduceAttributes;
  const factors = outerProductBelow(x);
  if (!factors || !axes.includes(x.shape.length - 2) || !axes.includes(x.shape.length - 1)) return undefined;
  const [left, right] = factors.map((t) =>
    make(sumOp, [make(unaryOps.square, [t], undefined)], { axes, keepDims }),
  );
  return make(binaryOps.mul, [left, right], undefined);
};

const ofSingles: Rule = ([x], attributes, type, make) =>
  (attributes as ReduceAttributes).axes.every((axis) => x.shape[axis] === 1)
    ? make(reshapeOp, [x], { shape: type.shape })
    : undefined;

const ofConstant: Rule = ([x], attributes, type, make) => {
  const value = repeated(x);
  if (value === undefined || !isFloat(x.dtype)) return undefined;
  if (value === 0) return fill(0, type, make);
  const over: Shape = (attributes as ReduceAttributes).axes.map((axis) => x.shape[axis]);
  const count = make(sizeOp, [], { shape: over, dtype: x.dtype });
  return as(make(binaryOps.mul, [scalar(value, x.dtype), count], undefined), type, make);
};

/** What is scattered along an axis is there somewhere: its sum along the axis is that of the updates. */
const ofScattered: Rule = ([x], attributes, _, make) =>
  x.op === scatterAddAlongOp &&
  (attributes as ReduceAttributes).axes.includes((x.attributes as { axis: number }).axis)
    ? make(sumOp, [x.inputs[1]], attributes)
    : undefined;

/** Sums that need not be added up. */
export const reductionRules: Rules = [[sumOp, [ofOuterProduct, ofSingles, ofConstant, ofScattered]]];
