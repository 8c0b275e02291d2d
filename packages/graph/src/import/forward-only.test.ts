import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient, jvp } from "../differentiate.ts";
import { UnsupportedError } from "../errors.ts";
import { exportOnnx } from "../export-onnx.ts";
import { mul, sum } from "../ops/index.ts";
import { f32, type Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

/** y = w x; z is the inverse of x by a kernel of ONNX Runtime, and of w x where `through`. */
const file = (through: boolean) =>
  modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("MatMul", ["w", "x"], ["y"]),
        nodeBytes("Inverse", [through ? "y" : "x"], ["z"], {}, "com.microsoft"),
        nodeBytes("Mul", ["y", "z"], ["product"]),
      ],
      initializers: [tensorBytes("w", 1, [2, 2], Float32Array.of(1, 2, 3, 4))],
      inputs: [["x", 1, [2, 2]]],
      outputs: [
        ["product", 1, [2, 2]],
        ["z", 1, [2, 2]],
      ],
    }),
    17,
    ["com.microsoft"],
  );
const x = array(Float32Array.of(2, 0, 0, 4), [2, 2]);

test("a node without counterpart is refused unless it may be kept", () => {
  expect(() => importOnnx(file(false))).toThrow(UnsupportedError);
  expect(importOnnx(file(false), { keepForward: true }).forwardOnly).toEqual(["z"]);
});

test("a kept node has its values, and lets derivatives pass beside it", async () => {
  const model = importOnnx(file(false), { keepForward: true });
  const loss = (w: Tensor, input: Tensor) => sum(model.apply({ x: input }, { w }).product);
  using program = await compile(
    ({ w, input }) => ({ z: model.apply({ x: input }, { w }).z, slope: gradient(loss)(w, input) }),
    { w: specsOf(model.parameters.w), input: f32(2, 2) },
  );
  const { z, slope } = await program.run({ w: model.parameters.w, input: x });
  expect(toNumbers(z)).toEqual([0.5, 0, 0, 0.25]);
  // The sum of (w x) z over all entries has the derivative z x' in w.
  expect(toNumbers(slope)).toEqual([1, 0, 0, 1]);
});

test("a derivative through a kept node is refused, in both modes", async () => {
  const model = importOnnx(file(true), { keepForward: true });
  const loss = (w: Tensor, input: Tensor) => sum(model.apply({ x: input }, { w }).product);
  const specs = { w: specsOf(model.parameters.w), input: f32(2, 2) };
  await expect(compile(({ w, input }) => gradient(loss)(w, input), specs)).rejects.toThrow(
    "Inverse (z): the node is kept for its values only and has no derivative",
  );
  await expect(
    compile(({ w, input }) => jvp((v: Tensor) => loss(v, input), w, mul(w, 2)).tangent, specs),
  ).rejects.toThrow(UnsupportedError);
});

test("a kept node is exported again with its domain", async () => {
  const model = importOnnx(file(true), { keepForward: true });
  const again = exportOnnx(({ x: input }) => model.apply({ x: input }), { x: f32(2, 2) });
  const session = await InferenceSession.create(again, { logSeverityLevel: 4 });
  const { z } = await session.run({ x: new RuntimeTensor("float32", Float32Array.of(2, 0, 0, 4), [2, 2]) });
  // The inverse of [[2, 8], [6, 16]].
  [-1, 0.5, 0.375, -0.125].forEach((wanted, i) => {
    expect(Number(z.data[i])).toBeCloseTo(wanted, 5);
  });
});
