import type { Tensor } from "../tensor.ts";

/** An ONNX Gemm: alpha times a product of two matrices plus beta times an addend. */
export interface Gemm {
  readonly product: Tensor;
  readonly alpha: number;
  readonly addend?: { readonly tensor: Tensor; readonly beta: number };
}
