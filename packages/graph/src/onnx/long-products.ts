import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import type { SizeOf } from "../ops/product-operations.ts";
import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emit.ts";
import { inParts, isLong, MOST_COLUMNS } from "./long-sums.ts";

/**
 * Whether this is a product of a transposed matrix and another one with many more rows than columns, such as the gradient
 * of a layer's weights over a large batch.
 */
export function isLongProduct({ op, dtype, inputs: [a, b], attributes }: Tensor, sizeOf: SizeOf): boolean {
  if (op !== matmulOp || dtype !== "f32" || a.shape.length !== 2 || b.shape.length !== 2) return false;
  const { transposeA, transposeB } = attributes as MatmulAttributes;
  const [left, right] = [a.shape[1], b.shape[1]];
  if (!transposeA || transposeB || typeof left !== "number" || typeof right !== "number") return false;
  return left >= 1 && left <= MOST_COLUMNS && isLong(a.shape.slice(0, 1), right, sizeOf);
}

/**
 * Emits a long product in parts of its rows, which threads share, and adds up the parts. ONNX Runtime gives a thread some
 * of the columns of a product's result, and each then reads all rows of the other matrix. The number of parts depends on
 * that of the rows alone, so that any number of threads gives the same bits; rows that cannot be divided by it are one part.
 *
 * Measured on two cores of an x86-64 server (1.30), two threads, parts against one Gemm: 10,000 rows of 40 and 40
 * columns take 0.71 of the time, 20,000 of 20 and 20 0.69, 10,000 of 128 and 128 0.86, 4,096 of 256 and 256 0.92; behind
 * operations that leave half of the rows with each core, 10,000 of 40 and 40 take 0.5. One thread takes as long as ever.
 *
 * @param outside the graph around the loop, where the transposed matrix is the same in every iteration: it is then
 * transposed once
 */
export function lowerLongProduct(
  emit: Emitter,
  { inputs }: Tensor,
  nameOf: (tensor: Tensor) => string,
  outside: Emitter = emit,
): string {
  const [a, b] = inputs.map((t) => ({ name: nameOf(t), columns: Number(t.shape[1]) }));
  const rows = inputs[0].shape.slice(0, 1);
  // ONNX Runtime makes one operation of a transpose and the product behind it
  const transposed = outside.once(`${a.name} in transposed parts`, () =>
    outside.node("Transpose", [inParts(outside, a.name, rows, a.columns)], { perm: [0, 2, 1] }),
  );
  const products = emit.node("MatMul", [transposed, inParts(emit, b.name, rows, b.columns)]);
  return emit.node("ReduceSum", [products, emit.integers([0])], { keepdims: 0 });
}
