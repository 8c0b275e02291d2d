import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import { type ReduceAttributes, sumOp } from "../ops/reduce.ts";
import { reshapeOp } from "../ops/shape.ts";
import { unaryOps } from "../ops/unary.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Make, Rule, Rules } from "./rule.ts";

/** The factors [rows, m] and [rows, n] of one outer product per row, [rows, m, n]. */
function factorsOf(product: Tensor, make: Make): readonly Tensor[] | undefined {
  if (product.op !== matmulOp || product.shape.length !== 3) return undefined;
  const [rows, m, n] = product.shape;
  const [a, b] = product.inputs;
  const { transposeA } = product.attributes as MatmulAttributes;
  if (a.shape.length !== 3 || b.shape.length !== 3 || a.shape[transposeA ? 1 : 2] !== 1) return undefined;
  if (!sameShape(a.shape.slice(0, 1), b.shape.slice(0, 1))) return undefined;
  return [make(reshapeOp, [a], { shape: [rows, m] }), make(reshapeOp, [b], { shape: [rows, n] })];
}

/** sum_i a_i b_i^T = A^T B, and with squares sum_i (a_i b_i^T)^2 = (A^2)^T B^2: no row's product need be formed. */
const ofRows: Rule = ([x], attributes, _, make) => {
  const { axes, keepDims } = attributes as ReduceAttributes;
  if (keepDims || axes.length !== 1 || axes[0] !== 0) return undefined;
  const squared = x.op === unaryOps.square;
  const factors = factorsOf(squared ? x.inputs[0] : x, make);
  if (!factors) return undefined;
  const operands = squared ? factors.map((t) => make(unaryOps.square, [t], undefined)) : factors;
  return make(matmulOp, operands, { transposeA: true, transposeB: false });
};

/** Sums over the rows of one outer product per row, such as the gradients of a dense layer's weights. */
export const outerProductRules: Rules = [[sumOp, [ofRows]]];
