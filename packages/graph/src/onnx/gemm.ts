import { binaryOps } from "../ops/arithmetic.ts";
import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import { unaryOps } from "../ops/unary.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { inputOp, scalarValue, type Tensor } from "../tensor.ts";
import type { Emitter } from "./emit.ts";
import type { Gemm } from "./gemm-terms.ts";
import { lowerSeparateBias, type Threaded } from "./separate-bias.ts";
import { lowerSeparateMatrix } from "./separate-matrix.ts";
import type { Usage } from "./usage.ts";

export interface GemmPlan {
  /** The nodes that become a Gemm. */
  readonly gemms: ReadonlyMap<Tensor, Gemm>;
  /** The nodes that become part of them. */
  readonly absorbed: ReadonlySet<Tensor>;
}

/** The factor as a Gemm attribute, in single precision; undefined if that would lose digits or underflow. */
function factorFor({ dtype }: Tensor, value: number): number | undefined {
  const factor = Math.fround(value);
  if (factor === 0 || !Number.isFinite(factor)) return undefined;
  return dtype === "f32" || factor === value ? factor : undefined;
}

/** ONNX Runtime's fast path for matrices with one row or column does not support factors. */
function isThin({ shape }: Tensor): boolean {
  return shape.includes(1);
}

/** The factor and the other operand of a multiplication by a number. */
function scaled({
  op,
  inputs: [a, b],
}: Tensor): { readonly factor: number; readonly of: Tensor } | undefined {
  if (op === unaryOps.neg) return { factor: -1, of: a };
  if (op !== binaryOps.mul) return undefined;
  const [first, second] = [scalarValue(a), scalarValue(b)];
  if (first !== undefined) return { factor: first, of: b };
  return second === undefined ? undefined : { factor: second, of: a };
}

/**
 * Finds sums, differences and multiples of matrix products that one Gemm can compute: A B + C in a layer, p - rate A^T
 * B in a step of gradient descent, and sums of products in second derivatives.
 *
 * @param nodes in topological order
 * @param isApart whether a product is computed in another way
 */
export function planGemms(
  nodes: readonly Tensor[],
  { onlyFor }: Usage,
  isApart: (product: Tensor) => boolean,
): GemmPlan {
  const gemms = new Map<Tensor, Gemm>();
  const absorbed = new Set<Tensor>();

  const gemmOf = (t: Tensor, user: Tensor): Gemm | undefined => {
    if (!onlyFor(t, user)) return undefined;
    const known = gemms.get(t);
    if (known) return known;
    const isProduct = t.op === matmulOp && t.inputs.every(({ shape }) => shape.length === 2);
    return isProduct && !isApart(t) ? { product: t, alpha: 1 } : undefined;
  };

  const replace = (node: Tensor, by: Gemm, ...parts: readonly Tensor[]) => {
    gemms.set(node, by);
    for (const part of parts) {
      gemms.delete(part);
      absorbed.add(part);
    }
  };

  const times = ({ product, alpha, addend }: Gemm, factor: number): Gemm | undefined => {
    if (factor === 1) return { product, alpha, addend };
    const scaledAlpha = factorFor(product, alpha * factor);
    const beta = addend && factorFor(product, addend.beta * factor);
    if (scaledAlpha === undefined || isThin(product)) return undefined;
    if (!addend) return { product, alpha: scaledAlpha };
    return beta === undefined ? undefined : { product, alpha: scaledAlpha, addend: { ...addend, beta } };
  };

  /** The Gemm with an additional addend. */
  const plus = (gemm: Gemm, tensor: Tensor, beta: number, user: Tensor): Gemm | undefined => {
    if (!sameShape(broadcastShapes("Gemm", gemm.product.shape, tensor.shape), gemm.product.shape))
      return undefined;
    const { addend } = gemm;
    if (!addend)
      return beta === 1 || !isThin(gemm.product) ? { ...gemm, addend: { tensor, beta } } : undefined;
    const inner = gemmOf(addend.tensor, user);
    const early = tensor.op === inputOp || tensor.id < addend.tensor.id;
    if (!inner || inner.addend || !early || Math.abs(addend.beta) !== 1) return undefined;
    if (!sameShape(inner.product.shape, gemm.product.shape)) return undefined;
    const joined = plus(inner, tensor, beta * addend.beta, user);
    if (!joined) return undefined;
    gemms.set(addend.tensor, joined);
    return gemm;
  };

  const planScaled = (node: Tensor) => {
    const { factor, of } = scaled(node)!;
    const gemm = gemmOf(of, node);
    const by = gemm && sameShape(of.shape, node.shape) ? times(gemm, factor) : undefined;
    if (by) replace(node, by, of);
  };

  const planSum = (node: Tensor) => {
    const [a, b] = node.inputs;
    const second = node.op === binaryOps.sub ? -1 : 1;
    const ways = [
      { of: b, sign: second, other: a, beta: 1 },
      { of: a, sign: 1, other: b, beta: second },
    ];
    for (const { of, sign, other, beta } of ways) {
      const gemm = gemmOf(of, node);
      const signed = gemm && of !== other && sameShape(of.shape, node.shape) ? times(gemm, sign) : undefined;
      if (!signed) continue;
      const multiple = onlyFor(other, node) && !gemms.has(other) ? scaled(other) : undefined;
      const factor = multiple && factorFor(node, beta * multiple.factor);
      const inner = multiple && factor !== undefined ? plus(signed, multiple.of, factor, node) : undefined;
      if (inner) return replace(node, inner, of, other);
      const whole = plus(signed, other, beta, node);
      if (whole) return replace(node, whole, of);
    }
  };

  for (const node of nodes) {
    if (node.shape.length !== 2) continue;
    if (node.op === binaryOps.add || node.op === binaryOps.sub) planSum(node);
    else if (scaled(node)) planScaled(node);
  }
  return { gemms, absorbed };
}

/**
 * Emits a Gemm and returns the name of its result.
 *
 * @param threaded for a session with several threads
 */
export function lowerGemm(
  emit: Emitter,
  gemm: Gemm,
  nameOf: (tensor: Tensor) => string,
  threaded?: Threaded,
): string {
  const { product, alpha, addend } = gemm;
  if (threaded && alpha === 1 && addend?.beta === 1) {
    const separate = lowerSeparateBias(emit, product, addend.tensor, nameOf, threaded);
    if (separate) return separate;
  }
  const separate = threaded && lowerSeparateMatrix(emit, gemm, nameOf, threaded);
  if (separate) return separate;
  const { transposeA, transposeB } = product.attributes as MatmulAttributes;
  return emit.node("Gemm", [...product.inputs, ...(addend ? [addend.tensor] : [])].map(nameOf), {
    ...(alpha === 1 ? {} : { alpha }),
    ...(addend && addend.beta !== 1 ? { beta: addend.beta } : {}),
    transA: transposeA ? 1 : 0,
    transB: transposeB ? 1 : 0,
  });
}
