import { binaryOps } from "../ops/arithmetic.ts";
import { einsumOp } from "../ops/einsum.ts";
import { matmulOp } from "../ops/matmul.ts";
import { transposeOp } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emit.ts";

/** A product that becomes a MatMul node; those of two matrices become a Gemm. */
function isBatchedProduct({ op, dtype, inputs }: Tensor): boolean {
  return (
    dtype === "f64" && (op === einsumOp || (op === matmulOp && inputs.some(({ shape }) => shape.length > 2)))
  );
}

function hasOneElement({ shape }: Tensor): boolean {
  return shape.every((dimension) => dimension === 1);
}

/**
 * The multiplications and divisions by single numbers next to float64 products with leading dimensions. By default an
 * ONNX Runtime session fuses such numbers into the product, rounded to float32.
 */
export function planExactFactors(nodes: readonly Tensor[]): ReadonlySet<Tensor> {
  const factors = new Set<Tensor>();
  for (const node of nodes)
    if (isBatchedProduct(node))
      for (let factor of node.inputs) {
        while (factor.op === transposeOp) [factor] = factor.inputs;
        factors.add(factor);
      }
  return new Set(
    nodes.filter((node) => {
      const [a, b] = node.inputs;
      const scales =
        (node.op === binaryOps.mul && (hasOneElement(a) || hasOneElement(b))) ||
        (node.op === binaryOps.div && hasOneElement(b));
      return scales && (factors.has(node) || node.inputs.some(isBatchedProduct));
    }),
  );
}

/** Emits such a node with an extra dimension, so that it is not adjacent to the product; this copies nothing. */
export function lowerExactFactor(emit: Emitter, node: Tensor, nameOf: (tensor: Tensor) => string): string {
  const rank = node.shape.length + 1;
  const operands = node.inputs.map((t) =>
    emit.node("Unsqueeze", [nameOf(t), emit.integers([...new Array(rank - t.shape.length).keys()])]),
  );
  const result = emit.node(node.op === binaryOps.mul ? "Mul" : "Div", operands);
  return emit.node("Squeeze", [result, emit.integers([0])]);
}
