// Scattering to places that repeat: ONNX Runtime's own kernels are the measure.
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { array, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32, i64 } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes } from "./model-bytes.ts";

const reductions = ["none", "add", "mul", "max", "min"];
const operators = [
  { opType: "ScatterElements", axis: 0, x: [4, 3], indices: [5, 3], updates: [5, 3] },
  { opType: "ScatterElements", axis: 1, x: [3, 4], indices: [2, 6], updates: [2, 6] },
  { opType: "ScatterND", axis: 0, x: [4, 3], indices: [6, 1], updates: [6, 3] },
  { opType: "ScatterND", axis: 0, x: [4, 3], indices: [9, 2], updates: [9] },
] as const;

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const wave = (shape: readonly number[], phase: number) =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * Math.sin(1.7 * i + 0.3 * i * i + phase));
/** Places from the end too; every column of ScatterND has at least 3 of them. */
const places = (shape: readonly number[]) =>
  BigInt64Array.from({ length: sizeOf(shape) }, (_, i) =>
    BigInt((((i * i + i) % 7) % 3) - (i % 4 === 3 ? 3 : 0)),
  );

test.each(operators.flatMap((operator) => reductions.map((reduction) => [operator, reduction] as const)))(
  "%o with %s agrees with ONNX Runtime where places repeat",
  async ({ opType, axis, x, indices, updates }, reduction) => {
    const attributes = { reduction, ...(opType === "ScatterElements" && { axis }) };
    const file = modelBytes(
      graphBytes({
        nodes: [nodeBytes(opType, ["x", "indices", "updates"], ["y"], attributes)],
        inputs: [
          ["x", 1, x],
          ["indices", 7, indices],
          ["updates", 1, updates],
        ],
        outputs: [["y", 1, x]],
      }),
      18,
    );
    const given = {
      x: array(wave(x, 0), x),
      indices: array(places(indices), indices),
      updates: array(wave(updates, 1), updates),
    };
    const session = await InferenceSession.create(file);
    const { y } = await session.run({
      x: new RuntimeTensor("float32", given.x.data, x),
      indices: new RuntimeTensor("int64", given.indices.data, indices),
      updates: new RuntimeTensor("float32", given.updates.data, updates),
    });
    const model = importOnnx(file);
    using program = await compile((inputs) => model.apply(inputs).y, specsOf(given));
    const got = toNumbers(await program.run(given));
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(Number(y.data[i]), 5);
    });
  },
);

test.each(["ScatterElements", "ScatterND"])(
  "%s replaces as many rows as a run gives, also none",
  async (opType) => {
    const model = importOnnx(
      modelBytes(
        graphBytes({
          nodes: [nodeBytes(opType, ["x", "indices", "updates"], ["y"])],
          inputs: [
            ["x", 1, ["nodes", 1]],
            ["indices", 7, ["edges", 1]],
            ["updates", 1, ["edges", 1]],
          ],
          outputs: [["y", 1, ["nodes", 1]]],
        }),
        18,
      ),
    );
    using program = await compile((inputs) => model.apply(inputs).y, {
      x: f32("nodes", 1),
      indices: i64("edges", 1),
      updates: f32("edges", 1),
    });
    const run = async (indices: readonly bigint[], updates: readonly number[]) =>
      toNumbers(
        await program.run({
          x: array(Float32Array.of(1, 2, 3), [3, 1]),
          indices: array(BigInt64Array.from(indices), [indices.length, 1]),
          updates: array(Float32Array.from(updates), [updates.length, 1]),
        }),
      );
    expect(await run([2n, 0n, 2n], [7, 8, 9])).toStrictEqual([8, 2, 9]);
    expect(await run([], [])).toStrictEqual([1, 2, 3]);
  },
);

test("each example of a batch replaces at its own places", async () => {
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("ScatterElements", ["x", "indices", "updates"], ["y"])],
        inputs: [
          ["x", 1, [3]],
          ["indices", 7, [2]],
          ["updates", 1, [2]],
        ],
        outputs: [["y", 1, [3]]],
      }),
      18,
    ),
  );
  const given = {
    x: array(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    indices: array(BigInt64Array.of(1n, 1n, 2n, 0n), [2, 2]),
    updates: array(Float32Array.of(7, 8, 9, 10), [2, 2]),
  };
  using program = await compile(
    (inputs) => vmap((one: typeof inputs) => model.apply(one).y)(inputs),
    specsOf(given),
  );
  expect(toNumbers(await program.run(given))).toStrictEqual([1, 8, 3, 10, 5, 9]);
});
