import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { mean, square, tanh } from "../ops/index.ts";
import { f32, type Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

test("tensors that only decide or compare are left alone by training", () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [
          nodeBytes("Equal", ["mask", "zero"], ["hidden"]),
          nodeBytes("Cast", ["places"], ["whole"], { to: 7 }),
          nodeBytes("Gather", ["table", "whole"], ["rows"]),
          nodeBytes("Mul", ["x", "rows"], ["scaled"]),
          nodeBytes("Where", ["hidden", "low", "scaled"], ["y"]),
        ],
        initializers: [
          ...["mask", "low", "places"].map((name) => tensorBytes(name, 1, [2], Float32Array.of(1, 0))),
          tensorBytes("zero", 1, [], Float32Array.of(0)),
          tensorBytes("table", 1, [3], Float32Array.of(1, 2, 3)),
        ],
        inputs: [["x", 1, [2]]],
        outputs: [["y", 1, [2]]],
      }),
    ),
  );
  expect([...model.frozen].sort()).toEqual(["mask", "places", "zero"]);
});

test("exponents of formulas are not trained, and learned ones are", () => {
  const file = (name: string, producer: string) =>
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("Pow", ["x", name], ["y"])],
        initializers: [tensorBytes(name, 1, [1], Float32Array.of(2))],
        inputs: [["x", 1, [3]]],
        outputs: [["y", 1, [3]]],
      }),
      13,
      [],
      [],
      producer,
    );
  expect(importOnnx(file("pow/y:0", "tf2onnx")).frozen).toEqual(["pow/y:0"]);
  expect(importOnnx(file("onnx::Pow_3", "pytorch")).frozen).toEqual(["onnx::Pow_3"]);
  expect(importOnnx(file("pool.p", "pytorch")).frozen).toEqual([]);
});

test("a size that the file gives as -1 is unknown", () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("Relu", ["x"], ["y"])],
        inputs: [["x", 1, [-1, 3]]],
        outputs: [["y", 1, [-1, 3]]],
      }),
    ),
  );
  expect(model.inputs).toEqual([{ name: "x", spec: f32("x_0", 3) }]);
});

test("one scale in brackets serves a vector, as for the biases that ONNX Runtime's quantizer writes", async () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("DequantizeLinear", ["b", "scale", "zero"], ["y"])],
        initializers: [
          tensorBytes("b", 6, [3], Int32Array.of(-8, 0, 5)),
          tensorBytes("scale", 1, [1], Float32Array.of(0.25)),
          tensorBytes("zero", 6, [1], Int32Array.of(1)),
        ],
        inputs: [],
        outputs: [["y", 1, [3]]],
      }),
      13,
    ),
  );
  await using program = await compile(() => model.apply({}).y, {});
  expect(toNumbers(await program.run({}))).toEqual([-2.25, -0.25, 1]);
});

test("derivatives pass through quantization only when asked", async () => {
  const bytes = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        nodeBytes("DequantizeLinear", ["q", "scale", "zero"], ["y"]),
      ],
      initializers: [
        tensorBytes("scale", 1, [], Float32Array.of(0.25)),
        tensorBytes("zero", 3, [], Int8Array.of(-3)),
      ],
      inputs: [["x", 1, [4]]],
      outputs: [["y", 1, [4]]],
    }),
  );
  const x = Float32Array.of(0.3, -1.1, 100, 0.125);
  for (const straightThrough of [false, true]) {
    const model = importOnnx(bytes, { straightThrough });
    expect(model.frozen).toEqual(["scale"]);
    using program = await compile(
      (t) => ({
        y: model.apply({ x: t }).y,
        ...valueAndGradient((u: Tensor) => mean(square(tanh(model.apply({ x: u }).y))))(t),
      }),
      f32(4),
    );
    const { y, gradient } = await program.run(x);
    // Saturated at 127: (127 + 3) / 4.
    expect(toNumbers(y)).toEqual([0.25, -1, 32.5, 0]);
    const slopes = toNumbers(gradient);
    expect(slopes[0] !== 0).toBe(straightThrough);
    expect(slopes[2]).toBe(0);
  }
});

test("sizes that are cast and sliced by attributes are known, as PaddlePaddle's converter writes them", async () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [
          nodeBytes("Shape", ["x"], ["shape"]),
          nodeBytes("Cast", ["shape"], ["narrow"], { to: 6 }),
          nodeBytes("Slice", ["narrow"], ["rows"], { axes: [0], starts: [0], ends: [1] }),
          nodeBytes("Cast", ["rows"], ["wide"], { to: 7 }),
          nodeBytes("Concat", ["wide", "rest"], ["target"], { axis: 0 }),
          nodeBytes("Reshape", ["x", "target"], ["y"]),
        ],
        initializers: [tensorBytes("rest", 7, [1], BigInt64Array.of(6n))],
        inputs: [["x", 1, ["batch", 2, 3]]],
        outputs: [["y", 1, ["batch", 6]]],
      }),
      9,
    ),
  );
  const x = array(
    Float32Array.from({ length: 24 }, (_, i) => i),
    [4, 2, 3],
  );
  for (const batch of [4, "batch"]) {
    await using program = await compile((input) => model.apply({ x: input }).y, f32(batch, 2, 3));
    expect((await program.run(x)).shape).toEqual([4, 6]);
  }
});

test("numbers of 4 bits are read two a byte, with and without sign", async () => {
  const packed = Uint8Array.of(0x7f, 0x28, 0x05);
  for (const [type, numbers] of [
    [21, [15, 7, 8, 2, 5]],
    [22, [-1, 7, -8, 2, 5]],
  ] as const) {
    const bytes = modelBytes(
      graphBytes({
        nodes: [nodeBytes("DequantizeLinear", ["w", "scale", "zero"], ["y"])],
        initializers: [
          tensorBytes("w", type, [5], packed),
          tensorBytes("scale", 1, [], Float32Array.of(0.5)),
          tensorBytes("zero", type, [], Uint8Array.of(3)),
        ],
        inputs: [],
        outputs: [["y", 1, [5]]],
      }),
    );
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const { y } = await session.run({});
    await session.release();
    await using program = await compile(() => importOnnx(bytes).apply({}).y, {});
    const found = toNumbers(await program.run({}));
    expect(found).toEqual(Array.from(y.data, Number));
    expect(found).toEqual(numbers.map((n) => (n - 3) / 2));
  }
});

test("inputs of 4 bits are refused: the runtime takes none", () => {
  const bytes = modelBytes(
    graphBytes({
      nodes: [nodeBytes("DequantizeLinear", ["x", "scale"], ["y"])],
      initializers: [tensorBytes("scale", 1, [], Float32Array.of(0.5))],
      inputs: [["x", 22, [5]]],
      outputs: [["y", 1, [5]]],
    }),
  );
  expect(() => importOnnx(bytes)).toThrow("input x has the ONNX element type int4; supported: float,");
});
