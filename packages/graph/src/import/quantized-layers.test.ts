// Layers on quantized tensors, as ONNX Runtime's quantization tool writes them: its own kernels are the measure.
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient as gradientOf } from "../differentiate.ts";
import { sum } from "../ops/reduce.ts";
import { f32, type Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import {
  expectAgreement,
  fed,
  fileOf,
  type NodeUnderTest,
  type Operand,
  steps,
  stored,
  wave,
} from "./node-testing.ts";

type Small = "uint8" | "int8";
const scale = (value: number) => stored("float32", [], [value]);
const zero = (type: Small, value: number) => stored(type, [], [value]);
const numbers = (type: Small, shape: readonly number[], k = 0) =>
  fed(type, shape, type === "uint8" ? steps(k, 0, 255) : steps(k, -128, 127));
const triple = (type: Small, shape: readonly number[], k: number, z: number): Operand[] => [
  numbers(type, shape, k),
  scale(0.02 + 0.01 * k),
  zero(type, z),
];

const image = [2, 3, 5, 6] as const;

const cases: [string, Omit<NodeUnderTest, "outputs">, Small][] = [
  [
    "sums",
    {
      opType: "QLinearAdd",
      inputs: [
        ...triple("uint8", [2, 5], 1, 120),
        ...triple("uint8", [5], 2, 7),
        scale(0.05),
        zero("uint8", 99),
      ],
    },
    "uint8",
  ],
  [
    "products",
    {
      opType: "QLinearMul",
      inputs: [
        ...triple("int8", [2, 5], 1, -3),
        ...triple("int8", [2, 1], 2, 7),
        scale(0.1),
        zero("int8", 9),
      ],
    },
    "int8",
  ],
  [
    "the sigmoid",
    {
      opType: "QLinearSigmoid",
      inputs: [...triple("uint8", [40], 1, 120), scale(1 / 256), zero("uint8", 0)],
    },
    "uint8",
  ],
  [
    "leaky rectifiers",
    {
      opType: "QLinearLeakyRelu",
      attributes: { alpha: { float: 0.2 } },
      inputs: [...triple("int8", [40], 1, -20), scale(0.04), zero("int8", 5)],
    },
    "int8",
  ],
  [
    "the softmax",
    {
      opType: "QLinearSoftmax",
      attributes: { axis: -1, opset: 13 },
      inputs: [...triple("uint8", [3, 7], 1, 120), scale(1 / 256), zero("uint8", 0)],
    },
    "uint8",
  ],
  [
    "the softmax of operator set 11",
    {
      opType: "QLinearSoftmax",
      attributes: { axis: 1, opset: 11 },
      inputs: [...triple("int8", [3, 2, 4], 1, 0), scale(1 / 256), zero("int8", -128)],
    },
    "int8",
  ],
  [
    "means over windows",
    {
      opType: "QLinearAveragePool",
      attributes: { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] },
      inputs: [...triple("uint8", image, 1, 120), scale(0.03), zero("uint8", 100)],
    },
    "uint8",
  ],
  [
    "means over windows with channels last",
    {
      opType: "QLinearAveragePool",
      attributes: { kernel_shape: [2, 2], channels_last: 1 },
      inputs: [...triple("uint8", [2, 5, 6, 3], 1, 120), scale(0.03), zero("uint8", 100)],
    },
    "uint8",
  ],
  [
    "means over images",
    {
      opType: "QLinearGlobalAveragePool",
      inputs: [...triple("uint8", image, 1, 120), scale(0.01), zero("uint8", 100)],
    },
    "uint8",
  ],
  [
    "means over images with channels last",
    {
      opType: "QLinearGlobalAveragePool",
      attributes: { channels_last: 1 },
      inputs: [...triple("int8", [2, 5, 6, 3], 1, 3), scale(0.01), zero("int8", -4)],
    },
    "int8",
  ],
  [
    "tensors one after another",
    {
      opType: "QLinearConcat",
      attributes: { axis: 1 },
      inputs: [
        scale(0.05),
        zero("uint8", 99),
        ...triple("uint8", [2, 3], 1, 120),
        ...triple("uint8", [2, 2], 3, 7),
      ],
    },
    "uint8",
  ],
  [
    "a choice",
    {
      opType: "QLinearWhere",
      inputs: [
        fed("bool", [2, 3], [1, 0, 0, 1, 1, 0]),
        ...triple("uint8", [2, 3], 1, 120),
        ...triple("uint8", [2, 3], 3, 7),
        scale(0.05),
        zero("uint8", 99),
      ],
    },
    "uint8",
  ],
  [
    "products of matrices",
    {
      opType: "QGemm",
      attributes: { transB: 1, alpha: { float: 1 } },
      inputs: [
        ...triple("uint8", [3, 4], 1, 120),
        stored("int8", [5, 4], steps(3, -128, 127)),
        scale(0.01),
        zero("int8", 2),
        stored("int32", [5], steps(1, -900, 900)),
        scale(0.2),
        zero("uint8", 130),
      ],
    },
    "uint8",
  ],
];

const dynamic: [string, NodeUnderTest][] = [
  [
    "a product of integers with scales",
    {
      opType: "MatMulIntegerToFloat",
      inputs: [
        numbers("uint8", [2, 3, 4], 1),
        stored("int8", [4, 5], steps(3, -128, 127)),
        stored("float32", [1], [0.02]),
        stored("float32", [5], wave(2, 0.1)),
        zero("uint8", 120),
        stored("int8", [5], steps(1, -4, 4)),
        stored("float32", [5], wave(1)),
      ],
    },
  ],
  [
    "a product whose left side is quantized by its range",
    {
      opType: "DynamicQuantizeMatMul",
      inputs: [
        fed("float32", [3, 4], wave(1)),
        stored("int8", [4, 5], steps(3, -128, 127)),
        stored("float32", [1], [0.02]),
        zero("int8", 3),
        stored("float32", [5], wave(1)),
      ],
    },
  ],
];

test.each(dynamic)("%s is what ONNX Runtime computes", async (_, node) => {
  await expectAgreement(node, 1e-3);
});

test.each(cases)("%s of quantized tensors are what ONNX Runtime computes", async (_, node, type) => {
  // Its kernels round through tables and integers: a result that lies between two steps may be either.
  await expectAgreement({ ...node, outputs: [type] }, 1);
});

/** The gradient in x of the sum of what nodes make of x, with derivatives that pass through rounding. */
async function gradientThrough(nodes: readonly Uint8Array[], initializers: readonly Uint8Array[]) {
  const model = importOnnx(
    modelBytes(graphBytes({ nodes, initializers, inputs: [["x", 1, [2, 3]]], outputs: [["y", 1, []]] }), 21, [
      "com.microsoft",
    ]),
    { straightThrough: true },
  );
  await using program = await compile(({ x }) => gradientOf((t: Tensor) => sum(model.apply({ x: t }).y))(x), {
    x: f32(2, 3),
  });
  return toNumbers(
    await program.run({ x: array(Float32Array.of(-0.9, 0.31, 0.42, 0.05, -0.2, 0.8), [2, 3]) }),
  );
}

test("derivatives pass through layers on quantized tensors where that is asked for", async () => {
  const gradient = await gradientThrough(
    [
      nodeBytes("QuantizeLinear", ["x", "s", "z"], ["q"]),
      nodeBytes("QLinearAdd", ["q", "s", "z", "q", "s", "z", "t", "z"], ["sum"], {}, "com.microsoft"),
      nodeBytes("DequantizeLinear", ["sum", "t", "z"], ["y"]),
    ],
    [
      tensorBytes("s", 1, [], Float32Array.of(0.01)),
      tensorBytes("t", 1, [], Float32Array.of(0.02)),
      tensorBytes("z", 2, [], Uint8Array.of(128)),
    ],
  );
  for (const each of gradient) expect(each).toBeCloseTo(2, 5);
});

test("derivatives pass through products of numbers quantized by their range", async () => {
  const gradient = await gradientThrough(
    [
      nodeBytes("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
      nodeBytes("MatMulInteger", ["q", "w", "z"], ["p"]),
      nodeBytes("Cast", ["p"], ["f"], { to: 1 }),
      nodeBytes("Mul", ["f", "s"], ["y"]),
    ],
    [tensorBytes("w", 3, [3, 2], Int8Array.of(1, 2, -3, 5, 7, -4))],
  );
  // The smallest and the largest number also set the scale.
  for (const i of [1, 2, 3, 4]) expect(gradient[i]).toBeCloseTo([3, 2, 3][i % 3], 4);
});

test("derivatives pass through convolutions of numbers quantized by their range", async () => {
  const gradient = await gradientThrough(
    [
      nodeBytes("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
      nodeBytes("Unsqueeze", ["q", "axes"], ["i"]),
      nodeBytes("ConvInteger", ["i", "w", "z"], ["p"]),
      nodeBytes("Cast", ["p"], ["f"], { to: 1 }),
      nodeBytes("Mul", ["f", "s"], ["y"]),
    ],
    [tensorBytes("w", 3, [1, 1, 2], Int8Array.of(3, -5)), tensorBytes("axes", 7, [1], BigInt64Array.of(1n))],
  );
  for (const i of [1, 2, 3, 4]) expect(gradient[i]).toBeCloseTo([3, -2, -5][i % 3], 4);
});

test("scales of quantized tensors are left alone by training", () => {
  const model = importOnnx(
    fileOf({
      opType: "QLinearConcat",
      attributes: { axis: 0 },
      inputs: [
        stored("float32", [1], [0.05]),
        zero("uint8", 99),
        numbers("uint8", [3]),
        stored("float32", [1], [0.1]),
        zero("uint8", 1),
      ],
      outputs: ["uint8"],
    }),
  );
  expect(model.frozen).toEqual(["i0", "i3"]);
});
