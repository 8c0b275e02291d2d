import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { loadOnnx } from "../onnx-model.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { decodeTensor, readTensor } from "./read-tensor.ts";
import { replaceParameters } from "./replace-parameters.ts";
import { joined } from "./rewrite-fields.ts";
import { tensorProto } from "./write-tensor.ts";

const folder = new URL("../../fixtures/pytorch/", import.meta.url);

/** y = x + w for two numbers, w as the file has it. */
const sum = (w: Uint8Array, before: readonly Uint8Array[] = [], input = "w") =>
  modelBytes(
    graphBytes({
      nodes: [...before, nodeBytes("Add", ["x", input], ["y"])],
      initializers: [w],
      inputs: [["x", 1, [2]]],
      outputs: [["y", 1, [2]]],
    }),
  );

async function run(file: Uint8Array): Promise<number[]> {
  using model = await loadOnnx(file);
  return toNumbers((await model.run({ x: Float32Array.of(10, 20) })).y);
}

test("other values take effect, and all else stays", async () => {
  const file = sum(tensorBytes("w", 1, [2], Float32Array.of(1, 2)));
  const changed = replaceParameters(file, { w: array(Float64Array.of(3, 0.1)) });
  expect(await run(changed)).toEqual([13, Math.fround(20 + Math.fround(0.1))]);
  // The file itself is not modified, and its own values give its own bytes.
  expect(await run(file)).toEqual([11, 22]);
  expect(replaceParameters(changed, importOnnx(file).parameters)).toEqual(file);
});

test("parameters that are stored once because they were equal become tensors of their own", async () => {
  const file = new Uint8Array(await readFile(new URL("fresh.onnx", folder)));
  const { parameters } = importOnnx(file);
  const scales = ["first.weight", "second.weight"];
  expect(scales.map((name) => toNumbers(parameters[name]))).toEqual([Array(6).fill(1), Array(6).fill(1)]);
  const two = array(new Float32Array(6).fill(2));
  for (const [changed, kept] of [scales, scales.toReversed()]) {
    const written = replaceParameters(file, { [changed]: two });
    const again = importOnnx(written).parameters;
    expect([again[changed].data, again[kept].data]).toEqual([two.data, parameters[kept].data]);
    expect(Object.keys(again).sort()).toEqual(Object.keys(parameters).sort());
    using before = await loadOnnx(file);
    using after = await loadOnnx(written);
    const x = Float32Array.from({ length: 30 }, (_, i) => Math.sin(1.3 * i));
    const outputs = [await before.run({ x }), await after.run({ x })].map(({ y }) => toNumbers(y));
    expect(outputs[1]).not.toEqual(outputs[0]);
  }
});

test.each(["residual", "bidirectional", "transformer", "fresh"])(
  "%s of PyTorch with its own values is byte for byte itself",
  async (name) => {
    const file = new Uint8Array(await readFile(new URL(`${name}.onnx`, folder)));
    expect(replaceParameters(file, importOnnx(file).parameters)).toEqual(file);
  },
);

test.each([
  ["float16", 10, [1, -2, 65504, 65519, 65520, 1 / 3, 0.1, 2 ** -24, 2 ** -25, 1.5 * 2 ** -24, -0]],
  ["bfloat16", 16, [1, -2, Math.PI, 1 / 3, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.39e38, -0]],
])("values are rounded to %s", (_, type, values) => {
  const wanted = {
    10: [0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0x3555, 0x2e66, 0x0001, 0x0000, 0x0002, 0x8000],
    16: [0x3f80, 0xc000, 0x4049, 0x3eab, 0x3f80, 0x3f82, 0x7f7f, 0x8000],
  }[type];
  const { raw } = readTensor(joined(tensorProto("w", type, array(Float64Array.from(values)))));
  expect(Array.from(new Uint16Array(Uint8Array.from(raw ?? []).buffer))).toEqual(wanted);
});

test.each([10, 16])("all numbers of element type %i are written as they were read", (type) => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const stored = readTensor(tensorBytes("w", type, [65536], bits));
  const data = decodeTensor("w", stored, {});
  const { raw } = readTensor(joined(tensorProto("w", type, { shape: [65536], data })));
  const again = new Uint16Array(Uint8Array.from(raw ?? []).buffer);
  data.forEach((value, i) => {
    if (!Number.isNaN(Number(value))) expect(again[i]).toBe(bits[i]);
  });
});

test("tensors of other files are stored in the result when the files are given", async () => {
  const file = sum(tensorBytes("w", 1, [2], undefined, { location: "w.bin", offset: 4 }));
  const external = { "w.bin": new Uint8Array(Float32Array.of(9, 1, 2).buffer) };
  expect(await run(replaceParameters(file, {}, { external }))).toEqual([11, 22]);
  expect(await run(replaceParameters(file, { w: array(Float32Array.of(3, 4)) }))).toEqual([13, 24]);
  expect(replaceParameters(file, {})).toEqual(file);
});

test("what does not fit is refused", () => {
  const file = sum(tensorBytes("w", 1, [2], Float32Array.of(1, 2)));
  const replaced = (parameters: object, options?: object) => () =>
    replaceParameters(file, parameters as Record<string, never>, options);
  expect(replaced({ v: array(Float32Array.of(1)) })).toThrow('the model has no parameter "v"; it has w');
  expect(replaced({ w: array(Float32Array.of(1)) })).toThrow("w must have the shape [2], got [1]");
  expect(replaced({ w: array(BigInt64Array.of(1n, 2n)) })).toThrow("w must be an array of f32 or f64");
  expect(replaced({ w: 3 })).toThrow("w must be an array of f32 or f64, got 3");
  expect(replaced({}, { files: {} })).toThrow('no option "files"');
  expect(() => replaceParameters(Uint8Array.of(1, 2, 3), {})).toThrow("not an ONNX model");
});
