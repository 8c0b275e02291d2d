import { elu, gelu, leakyRelu } from "../../ops/activations.ts";
import { add, div, maximum, minimum, mul } from "../../ops/arithmetic.ts";
import { greater } from "../../ops/compare.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { where } from "../../ops/select.ts";
import { abs, relu, sigmoid, softplus, tanh } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { moveAxis } from "./axes.ts";
import { fusedAttention, multiHeadAttention } from "./fused-attention.ts";
import { embedding } from "./fused-embedding.ts";
import { groupedQueryAttention, rotaryEmbedding } from "./grouped-attention.ts";
import { skipNormalization } from "./normalization.ts";
import { gemm } from "./products.ts";
import { quantization } from "./quantization.ts";
import { quantizedLayers } from "./quantized-layers.ts";
import { blockProduct } from "./quantized-weights.ts";
import { conv } from "./windows.ts";

function quickGelu(call: NodeCall): Tensor {
  const x = call.input(0);
  return mul(x, sigmoid(mul(x, call.float("alpha", 1.702))));
}

/** The activation that a product or convolution was fused with. */
function activated(call: NodeCall, x: Tensor, [a, b]: readonly (number | undefined)[]): Tensor {
  const kind = call.text("activation", "");
  switch (kind) {
    case "":
      return x;
    case "Elu":
      return elu(x, { alpha: a ?? 1 });
    case "LeakyRelu":
      return leakyRelu(x, { slope: a ?? 0.01 });
    case "Softplus":
      return softplus(x);
    case "Softsign":
      return div(x, add(abs(x), 1));
    case "ThresholdedRelu":
      return where(greater(x, a ?? 1), x, 0);
    case "Relu":
      return relu(x);
    case "Sigmoid":
      return sigmoid(x);
    case "Tanh":
      return tanh(x);
    case "Clip":
      return maximum(minimum(x, b ?? Number.MAX_VALUE), a ?? -Number.MAX_VALUE);
    case "HardSigmoid":
      return maximum(minimum(add(mul(x, a ?? 0.2), b ?? 0.5), 1), 0);
    default:
      return call.refuse(`activation ${kind} is not supported`);
  }
}

/** A convolution, a summand of its shape, and an activation. */
const fusedConvolution: Operator = (call) => {
  const y = conv(call);
  const summand = call.optional(3);
  const parameters = call.node.attributes.get("activation_params")?.floats ?? [];
  return activated(call, summand ? add(y, summand) : y, parameters);
};

/** alpha A' B' of matrices along the last two axes; the rows may be along the first one, before those of the batch. */
const fusedProduct: Operator = (call) => {
  const [a, b] = ["A", "B"].map((side, i) => {
    const x = call.input(i);
    const placed = call.int(`transBatch${side}`, 0) === 1 ? moveAxis(x, 0, x.shape.length - 2) : x;
    return call.int(`trans${side}`, 0) === 1 ? matrixTranspose(placed) : placed;
  });
  return mul(matmul(a, b), call.float("alpha", 1));
};

/** Operators of the domain com.microsoft, as ONNX Runtime's optimizer writes them. */
export const fused: Readonly<Record<string, Operator>> = {
  Attention: fusedAttention,
  BiasGelu: (call) => gelu(add(call.input(0), call.input(1))),
  DequantizeLinear: quantization.DequantizeLinear,
  EmbedLayerNormalization: embedding,
  FastGelu: (call) => {
    const x = call.has(1) ? add(call.input(0), call.input(1)) : call.input(0);
    const inner = mul(add(x, mul(mul(x, mul(x, x)), 0.044715)), Math.sqrt(2 / Math.PI));
    return mul(mul(x, 0.5), add(tanh(inner), 1));
  },
  FusedConv: fusedConvolution,
  FusedGemm: (call) =>
    activated(call, gemm(call), [call.float("activation_alpha"), call.float("activation_beta")]),
  FusedMatMul: fusedProduct,
  Gelu: (call) => gelu(call.input(0)),
  GroupQueryAttention: groupedQueryAttention,
  MatMulNBits: blockProduct,
  MultiHeadAttention: multiHeadAttention,
  QuantizeLinear: quantization.QuantizeLinear,
  QuickGelu: quickGelu,
  RotaryEmbedding: rotaryEmbedding,
  SkipLayerNormalization: skipNormalization(true),
  SkipSimplifiedLayerNormalization: skipNormalization(false),
  ...quantizedLayers,
};
