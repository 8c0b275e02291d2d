import { evaluated, productOf, quotientOf } from "../dimension-polynomials.ts";
import { binaryOps } from "../ops/arithmetic.ts";
import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import { ASSUMED_SIZE } from "../ops/product-operations.ts";
import { type ReduceAttributes, sumOp } from "../ops/reduce.ts";
import { reshapeOp, transposeOp } from "../ops/shape.ts";
import { type Dimension, type Shape, sameShape } from "../shape.ts";
import type { Op, Tensor } from "../tensor.ts";
import type { Make, Rule, Rules } from "./rule.ts";

const { add, sub, mul, div } = binaryOps;

/** Rows  offset_i + scale_i * each_k,  elementwise: r of them for the first k, then r for the next. */
interface Composed {
  /** [p, d] */
  readonly each: Tensor;
  /** [r, d] */
  readonly scale: Tensor;
  /** [r, d] */
  readonly offset?: Tensor;
}

const bothWays = ([a, b]: readonly Tensor[]) =>
  [
    [a, b],
    [b, a],
  ] as const;

/** The parts of a matrix [p r, d] of composed rows, which is the reshaped result of operations on [p, r, d]. */
function composedOf(rows: Tensor, make: Make): Composed | undefined {
  if (rows.op !== reshapeOp || rows.shape.length !== 2 || rows.inputs[0].shape.length !== 3) return undefined;
  const [joined] = rows.inputs;
  const [p, r, d] = joined.shape;
  if (rows.shape[1] !== d || p === 1 || r === 1) return undefined;
  const hasShape = ({ shape }: Tensor, ...shapes: Shape[]) => shapes.some((one) => sameShape(shape, one));
  const isOwn = (t: Tensor) => hasShape(t, [r, d], [1, r, d]);
  const as = (t: Tensor, count: Dimension) => make(reshapeOp, [t], { shape: [count, d] });
  const scaled = ({ op, inputs }: Tensor) => {
    if (op !== mul) return undefined;
    const found = bothWays(inputs).find(([scale, each]) => isOwn(scale) && hasShape(each, [p, 1, d]));
    return found && { scale: as(found[0], r), each: as(found[1], p) };
  };
  if (joined.op !== add) return scaled(joined);
  for (const [offset, rest] of bothWays(joined.inputs)) {
    const found = isOwn(offset) ? scaled(rest) : undefined;
    if (found) return { ...found, offset: as(offset, r) };
  }
  return undefined;
}

/** The matrix of composed rows. */
function joined({ each, scale, offset }: Composed, { shape }: Tensor, make: Make): Tensor {
  const [p, d] = each.shape;
  const product = make(mul, [scale, make(reshapeOp, [each], { shape: [p, 1, d] })], undefined);
  const sum = offset ? make(add, [offset, product], undefined) : product;
  return make(reshapeOp, [sum], { shape });
}

/** What a row [d] does to all composed rows it does to their parts. */
const withRow =
  (op: Op, first: readonly number[]): Rule =>
  (inputs, attributes, type, make) => {
    for (const i of first) {
      const [rows, row] = [inputs[i], inputs[1 - i]];
      if (row.shape.length !== 1 || !sameShape(rows.shape, type.shape)) continue;
      const composed = composedOf(rows, make);
      if (composed?.scale.shape[1] !== row.shape[0]) continue;
      const { scale, offset } = composed;
      const of = (part: Tensor) => make(op, [part, row], attributes);
      if (op === mul || op === div)
        return joined({ ...composed, scale: of(scale), offset: offset && of(offset) }, type, make);
      if (offset) return joined({ ...composed, offset: of(offset) }, type, make);
    }
    return undefined;
  };

const numberOf = (dimension: Dimension) => evaluated(dimension, () => ASSUMED_SIZE) ?? ASSUMED_SIZE;

/**
 * (offset_i + scale_i * each_k) W = offset_i W + each_k diag(scale_i) W: one product of `each` with the scaled weights of all
 * i side by side, in which no composed row is formed. Only where the scaled weights are no more numbers than the rows.
 */
const productOfComposed: Rule = ([rows, w], attributes, type, make) => {
  const { transposeA, transposeB } = attributes as MatmulAttributes;
  if (w.shape.length !== 2 || transposeA) return undefined;
  const composed = composedOf(rows, make);
  if (!composed) return undefined;
  const { each, scale, offset } = composed;
  const [[p, d], [r], m] = [each.shape, scale.shape, type.shape[1]];
  if (numberOf(m) > numberOf(p)) return undefined;
  const columns = productOf([r, m]);
  const weights = transposeB ? w : make(transposeOp, [w], { permutation: [1, 0] });
  const scaled = make(mul, [make(reshapeOp, [scale], { shape: [r, 1, d] }), weights], undefined);
  const product = make(matmulOp, [each, make(reshapeOp, [scaled], { shape: [columns, d] })], {
    transposeA: false,
    transposeB: true,
  });
  const own = offset && make(reshapeOp, [make(matmulOp, [offset, w], attributes)], { shape: [columns] });
  return make(reshapeOp, [own ? make(add, [product, own], undefined) : product], { shape: type.shape });
};

/** A row that is added to all parts of a longer row, which was added before, is added to that row. */
const rowOfRows: Rule = (inputs, _, type, make) => {
  for (const [x, row] of bothWays(inputs)) {
    if (x.op !== reshapeOp || row.shape.length !== 1 || !sameShape(x.shape, type.shape)) continue;
    const [sum] = x.inputs;
    const parts = quotientOf(sum.shape.slice(1), row.shape);
    if (sum.op !== add || sum.shape.length !== 2 || type.shape.length !== 2 || parts === undefined) continue;
    if (row.shape[0] !== type.shape[1]) continue;
    for (const [matrix, own] of bothWays(sum.inputs)) {
      if (own.shape.length !== 1 || !sameShape(matrix.shape, sum.shape)) continue;
      const rows = make(reshapeOp, [own], { shape: [parts, ...row.shape] });
      const both = make(reshapeOp, [make(add, [rows, row], undefined)], { shape: own.shape });
      return make(reshapeOp, [make(add, [matrix, both], undefined)], { shape: type.shape });
    }
  }
  return undefined;
};

/** Sums of some rows of a product are products of the sums: what the parts of composed rows have as their cotangents. */
const sumsOfProduct: Rule = ([x], attributes, type, make) => {
  const { axes, keepDims } = attributes as ReduceAttributes;
  const last = x.shape.length - 1;
  const [product] = x.op === reshapeOp ? x.inputs : [];
  if (product?.op !== matmulOp || product.shape.length !== 2 || product.shape[1] !== x.shape[last])
    return undefined;
  const { transposeA, transposeB } = product.attributes as MatmulAttributes;
  if (transposeA || axes.includes(last) || axes.length === last) return undefined;
  const [a, b] = product.inputs;
  const [, inner] = a.shape;
  const parts = make(reshapeOp, [a], { shape: [...x.shape.slice(0, last), inner] });
  const sums = make(sumOp, [parts], { axes, keepDims });
  const rows = make(reshapeOp, [sums], { shape: [productOf(sums.shape.slice(0, -1)), inner] });
  return make(reshapeOp, [make(matmulOp, [rows, b], { transposeA, transposeB })], { shape: type.shape });
};

/**
 * Rows that are composed of parts, such as the inputs that many perturbations make of some rows, with what their parts
 * become: they are formed only where something other than a product or a row is applied to them.
 */
export const composedRowRules: Rules = [
  [add, [withRow(add, [0, 1]), rowOfRows]],
  [sub, [withRow(sub, [0])]],
  [mul, [withRow(mul, [0, 1])]],
  [div, [withRow(div, [0])]],
  [matmulOp, [productOfComposed]],
  [sumOp, [sumsOfProduct]],
];
