import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { addLowRankBranches } from "./low-rank-branches.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { steps } from "./node-testing.ts";

const draw = (length: number, value: (i: number) => number) => Array.from({ length }, (_, i) => value(i));
const floats = (name: string, ...values: number[]) => tensorBytes(name, 1, [], Float32Array.from(values));
const byte = (name: string, value: number) => tensorBytes(name, 2, [], Uint8Array.of(value));

const RANK = 2;
const [SCALE_X, ZERO_X, SCALE_Y, ZERO_Y] = [0.02, 120, 0.05, 100];
/** A window of 3 x 3 at every second place, with two groups: [1, 4, 5, 5] to [1, 6, 3, 3]. */
const window = { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] };
const [IMAGE, RESULT] = [
  [1, 4, 5, 5],
  [1, 6, 3, 3],
];
const kernel = { shape: [6, 2, 3, 3], a: [2 * RANK, 2, 3, 3], b: [6, RANK, 1, 1] };
const matrix = { shape: [8, 5], a: [8, RANK], b: [RANK, 5] };
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

interface Layer {
  readonly convolution: boolean;
  /** Whether x and y are quantized, with the scales above. */
  readonly quantized: boolean;
  readonly nodes: readonly Uint8Array[];
}

const weightsOf = ({ convolution }: Layer) => (convolution ? kernel : matrix);
const at = (convolution: boolean): Record<string, AttributeValue> => (convolution ? window : {});

/** A layer with x and y quantized, between a QuantizeLinear and a DequantizeLinear. */
const linear = (convolution: boolean): Layer => ({
  ...{ convolution, quantized: true },
  nodes: [
    nodeBytes("QuantizeLinear", ["x", "xs", "xz"], ["q"]),
    nodeBytes(
      convolution ? "QLinearConv" : "QLinearMatMul",
      ["q", "xs", "xz", "W", "ws", "wz", "ys", "yz"],
      ["p"],
      at(convolution),
    ),
    nodeBytes("DequantizeLinear", ["p", "ys", "yz"], ["y"]),
  ],
});

/** A layer as ONNX Runtime's dynamic quantization writes it. */
const dynamic = (convolution: boolean): Layer => ({
  ...{ convolution, quantized: false },
  nodes: [
    nodeBytes("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
    nodeBytes(convolution ? "ConvInteger" : "MatMulInteger", ["q", "W", "z", "wz"], ["sum"], at(convolution)),
    nodeBytes("Cast", ["sum"], ["f"], { to: 1 }),
    nodeBytes("Mul", ["s", "ws"], ["scales"]),
    nodeBytes("Mul", ["f", "scales"], ["y"]),
  ],
});

const layers: Readonly<Record<string, Layer>> = {
  QLinearMatMul: linear(false),
  QLinearConv: linear(true),
  MatMulInteger: dynamic(false),
  ConvInteger: dynamic(true),
  "Conv behind DequantizeLinear": {
    ...{ convolution: true, quantized: false },
    nodes: [
      nodeBytes("DequantizeLinear", ["W", "ws", "wz"], ["w"]),
      nodeBytes("Conv", ["x", "w"], ["y"], window),
    ],
  },
  DynamicQuantizeMatMul: {
    ...{ convolution: false, quantized: false },
    nodes: [nodeBytes("DynamicQuantizeMatMul", ["x", "W", "ws", "wz"], ["y"], {}, "com.microsoft")],
  },
  MatMulIntegerToFloat: {
    ...{ convolution: false, quantized: true },
    nodes: [
      nodeBytes("QuantizeLinear", ["x", "xs", "xz"], ["q"]),
      nodeBytes("MatMulIntegerToFloat", ["q", "W", "xs", "ws", "xz", "wz"], ["y"], {}, "com.microsoft"),
    ],
  },
};

function fileOf(layer: Layer): Uint8Array {
  const { shape } = weightsOf(layer);
  return modelBytes(
    graphBytes({
      nodes: layer.nodes,
      initializers: [
        tensorBytes("W", 3, shape, Int8Array.from(draw(count(shape), steps(7, -90, 90)))),
        floats("xs", SCALE_X),
        byte("xz", ZERO_X),
        floats("ws", 0.01),
        tensorBytes("wz", 3, [], Int8Array.of(0)),
        floats("ys", SCALE_Y),
        byte("yz", ZERO_Y),
      ],
      inputs: [["x", 1, layer.convolution ? IMAGE : [3, 8]]],
      outputs: [["y", 1, layer.convolution ? RESULT : [3, 5]]],
    }),
    17,
    ["com.microsoft"],
  );
}

const inputOf = ({ convolution }: Layer) => draw(convolution ? count(IMAGE) : 24, (i) => Math.sin(1.7 * i));

async function run(model: Uint8Array, layer: Layer): Promise<number[]> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
  const shape = layer.convolution ? IMAGE : [3, 8];
  const { y } = await session.run({ x: new Tensor("float32", inputOf(layer), shape) });
  return Array.from(y.data, Number);
}

const a = (length: number) => draw(length, (i) => Math.fround(0.3 * Math.cos(1 + i)));
const b = (length: number) => draw(length, (i) => Math.fround(0.2 * Math.sin(2 + i)));

/** (x A) B for rows, by loops. */
function productOf(x: readonly number[]): number[] {
  const [A, B] = [a(count(matrix.a)), b(count(matrix.b))];
  return draw(15, (k) => {
    const [row, column] = [Math.floor(k / 5), k % 5];
    let total = 0;
    for (let r = 0; r < RANK; r++) {
      let inner = 0;
      for (let i = 0; i < 8; i++) inner += x[8 * row + i] * A[RANK * i + r];
      total += inner * B[5 * r + column];
    }
    return total;
  });
}

/** The convolution with A, in the window of the layer, then the one of size 1 with B, each in its group, by loops. */
function convolvedOf(x: readonly number[]): number[] {
  const [A, B] = [a(count(kernel.a)), b(count(kernel.b))];
  const inner = (channel: number, row: number, column: number) => {
    let sum = 0;
    for (let c = 0; c < 2; c++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          const [u, v] = [2 * row + i - 1, 2 * column + j - 1];
          if (u < 0 || v < 0 || u > 4 || v > 4) continue;
          const source = 2 * Math.floor(channel / RANK) + c;
          sum += x[25 * source + 5 * u + v] * A[((channel * 2 + c) * 3 + i) * 3 + j];
        }
    return sum;
  };
  return draw(54, (k) => {
    const [filter, row, column] = [Math.floor(k / 9), Math.floor(k / 3) % 3, k % 3];
    const first = RANK * Math.floor(filter / 3);
    let sum = 0;
    for (let r = 0; r < RANK; r++) sum += inner(first + r, row, column) * B[RANK * filter + r];
    return sum;
  });
}

const bounded = (value: number) => Math.min(255, Math.max(0, value));
const roundEven = (value: number) => {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
};

for (const [name, layer] of Object.entries(layers))
  test(`${name}: the change is added, by loops`, async () => {
    const file = fileOf(layer);
    const base = await run(file, layer);
    const { file: changed, names } = addLowRankBranches(file, ({ weights, inputs, outputs, shapes }) => {
      expect([weights, inputs, outputs]).toEqual(["W", ...(layer.convolution ? [18, 3] : [8, 5])]);
      const sizes = shapes(RANK);
      expect(sizes).toEqual({ a: weightsOf(layer).a, b: weightsOf(layer).b });
      return {
        a: array(Float32Array.from(a(count(sizes.a))), sizes.a),
        b: array(Float32Array.from(b(count(sizes.b))), sizes.b),
      };
    });
    expect(names).toEqual(["W.lora_A", "W.lora_B"]);
    const x = inputOf(layer).map((value) =>
      layer.quantized ? SCALE_X * (bounded(roundEven(value / SCALE_X) + ZERO_X) - ZERO_X) : value,
    );
    const change = layer.convolution ? convolvedOf(x) : productOf(x);
    const sum = base.map((value, i) => value + change[i]);
    expect(Math.max(...change.map(Math.abs))).toBeGreaterThan(0.1);
    // A sum beside the middle of two steps may become either of them.
    const tolerance = name.startsWith("QLinear") ? 0.51 * SCALE_Y : 1e-4;
    const found = await run(changed, layer);
    found.forEach((value, i) => void expect(Math.abs(value - sum[i])).toBeLessThan(tolerance));
    if (name.startsWith("QLinear"))
      for (const value of found) expect(value / SCALE_Y).toBeCloseTo(Math.round(value / SCALE_Y), 3);
    // The importer reads what was written as ONNX Runtime does.
    const model = importOnnx(changed);
    expect(Object.keys(model.parameters)).toContain("W.lora_A");
    const shape = layer.convolution ? IMAGE : [3, 8];
    await using program = await compile(({ x: given }) => model.apply({ x: given }), { x: f32(...shape) });
    const { y } = await program.run({ x: array(Float32Array.from(inputOf(layer)), shape) });
    toNumbers(y).forEach((value, i) => void expect(Math.abs(value - found[i])).toBeLessThan(1e-3));
    expect(addLowRankBranches(changed, () => undefined)).toEqual({ file: changed, names: [] });
  });

test("a filter for each channel, and sums that something else reads, are left as they are", () => {
  const depthwise = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("DequantizeLinear", ["W", "ws"], ["w"]),
        nodeBytes("Conv", ["x", "w"], ["y"], { group: 4 }),
      ],
      initializers: [tensorBytes("W", 3, [4, 1, 3, 3], new Int8Array(36)), floats("ws", 0.1)],
      inputs: [["x", 1, [1, 4, 5, 5]]],
      outputs: [["y", 1, [1, 4, 3, 3]]],
    }),
    17,
  );
  const asked: string[] = [];
  const ask = ({ weights }: { readonly weights: string }) => void asked.push(weights);
  addLowRankBranches(depthwise, ask);
  const { nodes } = layers.MatMulInteger;
  const alone = { ...layers.MatMulInteger, nodes: [...nodes, nodeBytes("Identity", ["sum"], ["other"])] };
  addLowRankBranches(fileOf(alone), ask);
  expect(asked).toEqual([]);
});
