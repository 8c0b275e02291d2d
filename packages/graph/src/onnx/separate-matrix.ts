import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import { elements, type SizeOf } from "../ops/product-operations.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emit.ts";
import type { Gemm } from "./gemm-terms.ts";
import type { Threaded } from "./separate-bias.ts";

/** With fewer entries in the result, two threads save less time than one more node takes. */
const LEAST_ENTRIES = 100_000;

/** Whether this is a product of sizes with which the sum with a matrix that a loop carries gets a node of its own. */
export function fitsSeparateMatrix({ op, dtype, shape }: Tensor, sizeOf: SizeOf): boolean {
  return op === matmulOp && dtype === "f32" && shape.length === 2 && elements(shape, sizeOf) >= LEAST_ENTRIES;
}

/**
 * Emits the sum of a matrix that a loop carries and a multiple of a product, such as weights after a step of gradient
 * descent, for a session with several threads; undefined where one Gemm is as fast. ONNX Runtime's Gemm first copies the
 * matrix into its result, on one thread. The sum is the same, bit for bit, for a factor of 1 or -1 and at most 128 terms;
 * another multiple is rounded before it is added, which it is not in the Gemm.
 *
 * Measured on two cores of an x86-64 server (1.30), two threads, against one Gemm: a loop of steps of a 784-128-10 network
 * with a batch of 64 takes 0.89 to 0.92 of the time, of a 1024-2048-10 network with a batch of 256 0.97 to 1. A loop of a
 * product with 65,536 weights and their gradient takes 0.97 to 1.03 of the time, from 100,352 weights on 0.87 to 0.96.
 * Outside of loops, where the result often is one of the program's, nothing is gained.
 *
 * @param carried the parameters of the loop
 */
export function lowerSeparateMatrix(
  emit: Emitter,
  { product, alpha, addend }: Gemm,
  nameOf: (tensor: Tensor) => string,
  { sizeOf, carried }: Pick<Threaded, "sizeOf" | "carried">,
): string | undefined {
  if (addend?.beta !== 1 || !carried.includes(addend.tensor)) return undefined;
  if (!sameShape(addend.tensor.shape, product.shape) || !fitsSeparateMatrix(product, sizeOf))
    return undefined;
  const { transposeA, transposeB } = product.attributes as MatmulAttributes;
  const multiple = emit.node("Gemm", product.inputs.map(nameOf), {
    ...(alpha === 1 ? {} : { alpha }),
    transA: transposeA ? 1 : 0,
    transB: transposeB ? 1 : 0,
  });
  return emit.node("Add", [nameOf(addend.tensor), multiple]);
}
