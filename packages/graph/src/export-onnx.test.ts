import { BinaryReader } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "vitest";
import { array, constants, specsOf, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { valueAndGradient } from "./differentiate.ts";
import { InputError } from "./errors.ts";
import { exportOnnx } from "./export-onnx.ts";
import { readModel } from "./import/read-model.ts";
import { repeat } from "./loop.ts";
import { add, matmul, mean, mul, sigmoid, square, sub, tanh } from "./ops/index.ts";
import { f32, f64, mapTensors, type Tensor } from "./tensor.ts";

type Network = { readonly layers: readonly { readonly weights: Tensor; readonly bias: Tensor }[] };

function network({ layers }: Network, x: Tensor): Tensor {
  const [hidden, last] = layers;
  const h = tanh(add(matmul(x, hidden.weights), hidden.bias));
  return sigmoid(add(matmul(h, last.weights), last.bias));
}

const wave = (shape: number[], phase: number) =>
  array(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + phase)),
    shape,
  );

const start = {
  layers: [
    { weights: wave([2, 8], 0), bias: wave([8], 1) },
    { weights: wave([8, 1], 2), bias: wave([1], 3) },
  ],
};
const corners = array(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), [4, 2]);
const exclusiveOr = array(Float32Array.of(0, 1, 1, 0), [4, 1]);

async function train() {
  using program = await compile(
    ({ parameters, x, y }) =>
      repeat(1500, parameters as Network, (current: Network) => {
        const { gradient } = valueAndGradient((p: Network) => mean(square(sub(network(p, x), y))))(current);
        return { carried: mapTensors((p, g) => sub(p, mul(g, 2)), current, gradient) };
      }).carried,
    { parameters: specsOf(start), x: f32(4, 2), y: f32(4, 1) },
  );
  return (await program.run({ parameters: start, x: corners, y: exclusiveOr })) as typeof start;
}

describe("a trained model exported", () => {
  const model = ({ parameters, x }: { parameters: Network; x: Tensor }) => ({
    probability: network(parameters, x),
  });

  test.each([
    ["onnxruntime-node", async () => (await import("onnxruntime-node")).default],
    ["onnxruntime-web", () => import("onnxruntime-web/wasm")],
  ] as const)("gives the same numbers in a plain session of %s", async (_, load) => {
    const parameters = await train();
    using program = await compile(model, { parameters: specsOf(parameters), x: f32("batch", 2) });
    const x = array(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1, 0.3, -0.7), [5, 2]);
    const wanted = toNumbers((await program.run({ parameters, x })).probability);
    expect(wanted.slice(0, 4).map(Math.round)).toStrictEqual([0, 1, 1, 0]);

    const file = exportOnnx(model, { x: f32("batch", 2) }, { constants: { parameters } });
    const ort = await load();
    const session = await ort.InferenceSession.create(file);
    expect(session.inputNames).toStrictEqual(["x"]);
    expect(session.outputNames).toStrictEqual(["probability"]);
    expect(session.inputMetadata[0]).toMatchObject({ type: "float32", shape: ["batch", 2] });
    const { probability } = await session.run({ x: new ort.Tensor("float32", x.data, x.shape) });
    expect(probability.dims).toStrictEqual([5, 1]);
    Array.from(probability.data as Float32Array).forEach((p, i) => {
      expect(Math.abs(p - wanted[i])).toBeLessThan(1e-6);
    });
    await session.release();
  });

  test("holds its parameters once, and nothing else of size", () => {
    const weights = wave([64, 64], 0);
    const file = exportOnnx(({ w, x }) => matmul(x, w), { x: f32("n", 64) }, { constants: { w: weights } });
    expect(file.length).toBeGreaterThan(weights.data.byteLength);
    expect(file.length).toBeLessThan(weights.data.byteLength + 500);
  });
});

test("a lone input is `input`, a lone output `output`, and an output that is named as an input stays apart", async () => {
  const { default: ort } = await import("onnxruntime-node");
  const names = async (file: Uint8Array) => {
    const session = await ort.InferenceSession.create(file);
    const result = [session.inputNames, session.outputNames];
    await session.release();
    return result;
  };
  expect(await names(exportOnnx((x) => mul(x, 2), f64(2)))).toStrictEqual([["input"], ["output"]]);
  expect(await names(exportOnnx(({ x }) => ({ x: mul(x, 2) }), { x: f64(2) }))).toStrictEqual([
    ["x"],
    ["output.x"],
  ]);
});

test("the file describes itself, in the fields that the ONNX format has for it", async () => {
  const file = exportOnnx(
    ({ x }) => mul(x, 2),
    { x: f64(2) },
    {
      description: "Doubles.",
      metadata: { license: "Apache-2.0", author: "A. Author" },
    },
  );
  // ModelProto: producer_name = 2, doc_string = 6, metadata_props = 14 of StringStringEntryProto { key = 1, value = 2 }.
  const found: Record<string, string> = {};
  const reader = new BinaryReader(file);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2 || field === 6) found[field] = reader.string();
    else if (field === 14) {
      const entry = new BinaryReader(reader.bytes());
      entry.tag();
      const key = entry.string();
      entry.tag();
      found[key] = entry.string();
    } else reader.skip(wireType, field);
  }
  expect(found).toStrictEqual({
    2: "gradus",
    6: "Doubles.",
    license: "Apache-2.0",
    author: "A. Author",
  });
  const { default: ort } = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(file);
  const { output } = await session.run({ x: new ort.Tensor("float64", Float64Array.of(1, 2)) });
  expect(Array.from(output.data as Float64Array)).toStrictEqual([2, 4]);
  await session.release();
});

test("a loop has its condition, without which some runtimes run no iteration", () => {
  const file = exportOnnx((x) => repeat(5, x, (t) => ({ carried: mul(t, 0.5) })).carried, f32(3));
  const { graph } = readModel(file);
  const loop = graph.nodes.find(({ opType }) => opType === "Loop");
  const condition = graph.initializers.find(({ name }) => name === loop?.inputs[1]);
  expect(condition?.raw).toStrictEqual(Uint8Array.of(1));
});

test("constants and inputs must not meet, and need names", () => {
  const w = wave([2, 2], 0);
  expect(() => exportOnnx(({ w: t }) => t, { w: f32(2, 2) }, { constants: { w } })).toThrow(InputError);
  expect(() => exportOnnx(() => [], f32(2), { constants: { w } })).toThrow(/object of named inputs/);
});

test("`constants` brings arrays at hand into any traced function", async () => {
  const fixed = { w: array(Float64Array.of(1, 2, 3, 4), [2, 2]), b: [array(Float64Array.of(10, 20))] };
  using program = await compile(
    (x) => {
      const { w, b } = constants(fixed);
      return add(matmul(x, w), b[0]);
    },
    f64(1, 2),
  );
  expect(toNumbers(await program.run(Float64Array.of(1, 1)))).toStrictEqual([14, 26]);
});
