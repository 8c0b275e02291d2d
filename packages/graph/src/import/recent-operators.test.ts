// Operators that ONNX's test data do not have yet, and those of ONNX Runtime's optimizer: its own kernels are the measure.
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes } from "./model-bytes.ts";

const shapes = { q: [2, 4, 3, 6], k: [2, 2, 3, 6], flat: [2, 3, 12], narrow: [2, 3, 6], mask: [3, 3] };
const tables = { x: [2, 2, 3, 6], cos: [2, 3, 3], sin: [2, 3, 3] };
const row = { x: [2, 3, 4], w: [4] };

/** A support vector machine that keeps the weights of its linear function. */
const linearMachine = {
  coefficients: { floats: [0.8, -0.3, 2, 1] },
  rho: { floats: [0.25] },
  kernel_params: { floats: [0, 0, 0] },
  n_supports: 0,
};

test.each<[string, string, Record<string, AttributeValue>, Record<string, readonly number[]>, number]>([
  ["Attention", "", { is_causal: 1 }, { q: shapes.q, k: shapes.q, v: shapes.q }, 23],
  ["Attention", "", {}, { q: shapes.q, k: shapes.k, v: shapes.k, mask: shapes.mask }, 23],
  [
    "Attention",
    "",
    { q_num_heads: 2, kv_num_heads: 1 },
    { q: shapes.flat, k: shapes.narrow, v: shapes.narrow },
    23,
  ],
  ["RotaryEmbedding", "", {}, tables, 23],
  ["RotaryEmbedding", "", { interleaved: 1 }, tables, 23],
  ["RMSNormalization", "", {}, row, 23],
  ["Gelu", "com.microsoft", {}, { x: row.x }, 17],
  ["FastGelu", "com.microsoft", {}, row, 17],
  ["BiasGelu", "com.microsoft", {}, row, 17],
  ["QuickGelu", "com.microsoft", {}, { x: row.x }, 17],
  ["Attention", "com.microsoft", { num_heads: 2 }, { x: [2, 3, 4], w: [4, 12], b: [12] }, 17],
  [
    "Attention",
    "com.microsoft",
    { num_heads: 2, unidirectional: 1 },
    { x: [2, 3, 4], w: [4, 12], b: [12] },
    17,
  ],
  ["FusedMatMul", "com.microsoft", { alpha: { float: 0.5 }, transB: 1 }, { x: [2, 3, 4], w: [5, 4] }, 17],
  ["FusedMatMul", "com.microsoft", { transBatchA: 1 }, { x: [3, 2, 4], w: [2, 4, 5] }, 17],
  ["FusedMatMul", "com.microsoft", { transBatchA: 1, transA: 1 }, { x: [4, 2, 3], w: [2, 4, 5] }, 17],
  ["FusedMatMul", "com.microsoft", { transBatchB: 1, transB: 1 }, { x: [2, 3, 4], w: [5, 2, 4] }, 17],
  ["FusedMatMul", "com.microsoft", { transBatchB: 1 }, { x: [2, 3, 4], w: [4, 2, 5] }, 17],
  ...["Tanh", "Softplus", "Softsign", "ThresholdedRelu", "Elu", "HardSigmoid"].map(
    (
      activation,
    ): [string, string, Record<string, AttributeValue>, Record<string, readonly number[]>, number] => [
      "FusedGemm",
      "com.microsoft",
      { activation, activation_alpha: { float: 0.7 }, activation_beta: { float: 0.4 }, transB: 1 },
      { x: [3, 4], w: [5, 4], b: [5] },
      17,
    ],
  ),
  [
    "FusedGemm",
    "com.microsoft",
    { activation: "LeakyRelu", activation_alpha: { float: 0.3 } },
    { x: [3, 4], w: [4, 5], b: [5] },
    17,
  ],
  [
    "FusedConv",
    "com.microsoft",
    { activation: "Relu", kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    { x: [1, 2, 4, 4], w: [3, 2, 3, 3], b: [3] },
    17,
  ],
  [
    "FusedConv",
    "com.microsoft",
    { activation: "Clip", activation_params: { floats: [-0.5, 0.5] }, kernel_shape: [3, 3] },
    { x: [1, 2, 4, 4], w: [3, 2, 3, 3] },
    17,
  ],
  [
    "SkipLayerNormalization",
    "com.microsoft",
    { epsilon: { float: 1e-5 } },
    { x: [2, 3, 4], s: [2, 3, 4], w: [4], c: [4], b: [4] },
    17,
  ],
  [
    "SkipSimplifiedLayerNormalization",
    "com.microsoft",
    { epsilon: { float: 1e-5 } },
    { x: [2, 3, 4], s: [2, 3, 4], w: [4] },
    17,
  ],
  [
    "MultiHeadAttention",
    "com.microsoft",
    { num_heads: 2 },
    { q: [2, 3, 4], k: [2, 5, 4], v: [2, 5, 4], b: [12] },
    17,
  ],
  [
    "Scaler",
    "ai.onnx.ml",
    { offset: { floats: [1, 2, 3, 4] }, scale: { floats: [0.5, 2, 3, 4] } },
    { x: [3, 4] },
    17,
  ],
  ["Normalizer", "ai.onnx.ml", { norm: "L1" }, { x: [3, 4] }, 17],
  ["Normalizer", "ai.onnx.ml", { norm: "L2" }, { x: [3, 4] }, 17],
  [
    "LinearRegressor",
    "ai.onnx.ml",
    { coefficients: { floats: [1, -2, 3, 4, 0.5, 6, 7, -8] }, intercepts: { floats: [1, -1] }, targets: 2 },
    { x: [3, 4] },
    17,
  ],
  ["FeatureVectorizer", "ai.onnx.ml", { inputdimensions: [4, 2] }, { x: [3, 4], z: [3, 2] }, 17],
  [
    "Imputer",
    "ai.onnx.ml",
    { imputed_value_floats: { floats: [1, 2, 3, 4] }, replaced_value_float: { float: 0 } },
    { x: [3, 4] },
    17,
  ],
  ...(["LINEAR", "POLY", "RBF", "SIGMOID"] as const).map(
    (kernel): [string, string, Record<string, AttributeValue>, Record<string, readonly number[]>, number] => [
      "SVMRegressor",
      "ai.onnx.ml",
      {
        kernel_type: kernel,
        kernel_params: { floats: [0.4, 0.3, 3] },
        n_supports: 2,
        support_vectors: { floats: [1, -2, 3, 4, 0.5, 0.2, -0.7, 1] },
        coefficients: { floats: [0.8, -0.3] },
        rho: { floats: [0.25] },
      },
      { x: [3, 4] },
      17,
    ],
  ),
  ["SVMRegressor", "ai.onnx.ml", { ...linearMachine }, { x: [3, 4] }, 17],
  ["SVMRegressor", "ai.onnx.ml", { ...linearMachine, one_class: 1 }, { x: [3, 4] }, 17],
  ["OneHotEncoder", "ai.onnx.ml", { cats_int64s: [0, 1, -1], zeros: 1 }, { x: [3, 2] }, 17],
])("%s of %j with %j is what ONNX Runtime computes", async (opType, domain, attributes, inputs, opset) => {
  const names = Object.keys(inputs);
  const bytes = modelBytes(
    graphBytes({
      nodes: [nodeBytes(opType, names, ["y"], attributes, domain)],
      inputs: names.map((name) => [name, 1, inputs[name]] as const),
      outputs: [["y", 1, []]],
    }),
    opset,
    domain === "" ? [] : [domain],
  );
  const arrays = names.map((name, k) => {
    const size = inputs[name].reduce((a, b) => a * b, 1);
    return array(
      Float32Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + k)),
      inputs[name],
    );
  });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const feeds = names.map(
    (name, i) =>
      [name, new RuntimeTensor("float32", Float32Array.from(toNumbers(arrays[i])), inputs[name])] as const,
  );
  const { y: wanted } = await session.run(Object.fromEntries(feeds));
  const model = importOnnx(bytes);
  const specs = Object.fromEntries(names.map((name) => [name, f32(...inputs[name])]));
  using program = await compile((tensors) => model.apply(tensors).y, specs);
  const got = await program.run(Object.fromEntries(names.map((name, i) => [name, arrays[i]])));
  expect(got.shape).toEqual(wanted.dims);
  toNumbers(got).forEach((value, i) => {
    expect(value).toBeCloseTo(Number(wanted.data[i]), 4);
  });
});
