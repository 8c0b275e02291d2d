import { readFile } from "node:fs/promises";
import {
  add,
  array,
  cast,
  compile,
  exportOnnx,
  f32,
  gather,
  type ImportedModel,
  i64,
  importOnnx,
  matmul,
  mean,
  mul,
  specsOf,
  sum,
  type Tensor,
  toNumbers,
  transpose,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { solve } from "../iterate/iterate.ts";
import { sgd } from "../train/sgd.ts";
import { explainableModel } from "./explainable-model.ts";
import { arrangeInputs, batchAxes, type ModelInputOptions, rowInputs } from "./model-inputs.ts";
import { type ModelData, modelObjective } from "./objective.ts";
import { compileTuner } from "./tuner.ts";

const floats = (values: readonly number[], ...shape: number[]) => array(Float32Array.from(values), shape);
const integers = (...values: number[]) => array(BigInt64Array.from(values, BigInt), [values.length]);
const named = (name: string, ...shape: (number | string)[]) => ({ name, spec: f32(...shape) });

/** The scores of all rows of a model on data. */
async function scoresOf(model: ImportedModel, data: ModelData, options: ModelInputOptions = {}) {
  const objective = modelObjective(model, { data, loss: "squared", ...options });
  const { inputs } = objective.data;
  using program = await compile((given) => ({ y: objective.scores({}, given.inputs) }), {
    inputs: specsOf(inputs),
  });
  return toNumbers((await program.run({ inputs })).y);
}

test("rows are along the axis that is named, or as long as the batch", () => {
  expect(batchAxes([named("x", "time", "batch", 3)])).toEqual([1]);
  expect(batchAxes([named("x", 1, 5, 3), named("h", 2, 1, 8), named("c", 4, 8)])).toEqual([0, 1, 0]);
  expect(batchAxes([named("h", 2, "N", 8), named("x", "N", 3), named("s")])).toEqual([0, 0, 0]);
  expect(batchAxes([named("h", 2, "batch", 8), named("x", "batch", 3)])).toEqual([1, 0]);
});

/** x scaled by a single number, plus a state [layers, rows, 2] summed over the layers. */
const recurrent = () =>
  importOnnx(
    exportOnnx(({ x, state, rate }) => ({ y: add(mul(x, cast(rate, "f32")), sum(state, { axes: 0 })) }), {
      x: f32("batch", 2),
      state: f32(3, "batch", 2),
      rate: i64(),
    }),
  );

test("constants are filled in, with the sizes of the rows", async () => {
  const model = recurrent();
  const x = floats([1, 2, 3, 4], 2, 2);
  const data = { inputs: { x }, labels: floats([0, 0, 0, 0], 2, 2) };
  expect(rowInputs(model, { constants: { state: 0, rate: 10 } })).toEqual([named("x", "batch", 2)]);
  expect(await scoresOf(model, data, { constants: { state: 0.5, rate: 10 } })).toEqual([
    11.5, 21.5, 31.5, 41.5,
  ]);
  const rate = array(BigInt64Array.of(2n), []);
  const labels = floats([0, 0, 0, 0], 2, 2);
  // The rows of a state are along its axis 1: those of the data come first.
  const states = floats([1, 2, 5, 6, 9, 10, 3, 4, 7, 8, 11, 12], 2, 3, 2);
  const wanted = [1 * 2 + 15, 2 * 2 + 18, 3 * 2 + 21, 4 * 2 + 24];
  const given = { inputs: { x, state: states }, labels };
  expect(await scoresOf(model, given, { constants: { rate } })).toEqual(wanted);
  const state = floats([1, 2, 3, 4, 5, 6], 3, 1, 2);
  expect(await scoresOf(model, data, { constants: { rate, state } })).toEqual([11, 16, 15, 20]);
});

test("a constant of a batch of one row goes to each row", async () => {
  const model = importOnnx(
    exportOnnx(({ x, h }) => ({ y: add(x, sum(h, { axes: 0 })) }), { x: f32(1, 2), h: f32(3, 1, 2) }),
  );
  const data = { inputs: { x: floats([1, 2, 3, 4], 2, 2) }, labels: floats([0, 0, 0, 0], 2, 2) };
  expect(await scoresOf(model, data, { constants: { h: 2 } })).toEqual([7, 8, 9, 10]);
});

/** Means over time of rows along axis 1, which no name tells. */
const unnamed = (...shape: (number | string)[]) =>
  exportOnnx(
    ({ x, w }) => ({ y: matmul(mean(x, { axes: 0 }), w) }),
    { x: f32(...shape) },
    { constants: { w: floats([1, 10], 2, 1) } },
  );

test.each([
  ["open", ["a", "b", 2]],
  ["of size 1", [2, 1, 2]],
])("rows along an axis that is %s are where batchAxes says", async (_, shape) => {
  const data = {
    inputs: { x: floats([1, 2, 3, 4, 0, 1, 2, 1], 2, 2, 2) },
    labels: floats([32, 11], 2, 1),
  };
  const model = importOnnx(unnamed(...shape));
  const batchAxes = { x: 1 };
  expect(await scoresOf(model, data, { batchAxes })).toEqual([32, 11]);
  using explained = await explainableModel(model, { batchAxes, row: [2, 2] });
  const rows = { rows: 1, columns: 4, values: Float64Array.of(1, 2, 3, 4) };
  expect(Array.from(await explained.values(rows))).toEqual([32]);
  using tuner = await compileTuner(unnamed(...shape), {
    ...{ data, loss: "squared", batchAxes, optimizer: sgd({ learningRate: 0.1 }) },
  });
  expect((await solve(tuner.train({ epochs: 1 }))).iterate.loss).toBe(0);
});

test("a model of several inputs is explained where the others are constants", async () => {
  const model = importOnnx(
    exportOnnx(({ x, rate }) => ({ y: mul(sum(mul(x, x), { axes: 1 }), cast(rate, "f32")) }), {
      ...{ x: f32("batch", 2), rate: i64() },
    }),
  );
  using explained = await explainableModel(model, { constants: { rate: 3 } });
  const rows = { rows: 1, columns: 2, values: Float64Array.of(1, 2) };
  expect(Array.from(await explained.values(rows))).toEqual([15]);
  const { gradients } = await explained.valuesAndGradients(rows);
  expect(Array.from(gradients)).toEqual([6, 12]);
});

test.each<[string, ModelInputOptions, Error]>([
  [
    "a number of all rows without its value",
    {},
    new ArgumentError("the input rate i64[] is one number for all rows: give it by constants.rate"),
  ],
  [
    "an unknown input",
    { constants: { rates: 1 } },
    new ArgumentError('constants has "rates", but the model\'s inputs are x, state, rate'),
  ],
  [
    "a fraction for a whole number",
    { constants: { rate: 0.5 } },
    new ArgumentError("constants.rate must be a whole number, got 0.5"),
  ],
  [
    "an array of another shape",
    { constants: { rate: 1, state: floats([1], 1) } },
    new DataError("constants.state must be a number or f32[3, batch, 2], got f32[1]"),
  ],
  [
    "an axis out of range",
    { constants: { rate: 1 }, batchAxes: { x: 2 } },
    new ArgumentError("batchAxes.x must be an integer from 0 to 1, an axis of x f32[batch, 2], got 2"),
  ],
  [
    "nothing left to read",
    { constants: { x: 1, state: 1, rate: 1 } },
    new ArgumentError('constants must leave an input for the rows, got "x", "state" or "rate"'),
  ],
])("%s is refused", (_, options, error) => {
  expect(() => arrangeInputs(recurrent(), options)).toThrow(error);
});

test("a size that only a constant has must be in an array", async () => {
  const table = (x: Tensor, values: Tensor) => gather(values, x);
  const model = importOnnx(
    exportOnnx(({ x, values }) => ({ y: table(x, values) }), { x: i64("batch"), values: f32("n") }),
  );
  const data = { inputs: { x: array(BigInt64Array.of(1n, 0n)) }, labels: floats([0, 0], 2) };
  expect(await scoresOf(model, data, { constants: { values: floats([5, 7], 2) } })).toEqual([7, 5]);
});

test("outputs are as the model has them", () => {
  const model = importOnnx(
    exportOnnx(({ x }) => ({ y: transpose(x, [1, 0]), z: x }), { x: f32("batch", 2) }),
  );
  expect(arrangeInputs(model).outputs).toEqual(["y", "z"]);
});

test("a number decides bounds and branches of the model", async () => {
  const file = await readFile(new URL("../../../graph/fixtures/bounds/bounds.onnx", import.meta.url));
  const model = importOnnx(new Uint8Array(file));
  const x = floats(
    Array.from({ length: 12 }, (_, i) => i),
    ...[2, 6],
  );
  const labels = floats(new Array(6).fill(0), 2, 3);
  const constants = { start: 2, end: 5, negate: 1 };
  expect(await scoresOf(model, { inputs: { x }, labels }, { constants })).toEqual([-2, -3, -4, -8, -9, -10]);
  const lists = { start: [2], end: [5], negate: 1 };
  expect(await scoresOf(model, { inputs: { x }, labels }, { constants: lists })).toEqual(
    await scoresOf(model, { inputs: { x }, labels }, { constants }),
  );
  for (const [end, error] of [
    [[5, 6], new DataError("constants.end must be a number or i64[1], got i64[2]")],
    [[0.5], new ArgumentError("constants.end must be a whole number, got 0.5")],
  ] as const)
    expect(() => arrangeInputs(model, { constants: { ...lists, end } })).toThrow(error);
  expect(() => arrangeInputs(model, { constants: { ...lists, negate: [1, 0] } })).toThrow(
    new DataError("constants.negate must be a number, got bool[2]"),
  );
  const whole = { inputs: { x }, labels: floats(new Array(12).fill(0), 2, 6) };
  expect(await scoresOf(model, whole, { constants: { ...constants, negate: 0 } })).toEqual(toNumbers(x));
  const given = { inputs: { x, start: integers(0, 0), end: integers(3, 3) }, labels };
  expect(() => modelObjective(model, { data: given, loss: "squared", constants: { negate: 1 } })).toThrow(
    /must be known .* give that input as a constant/,
  );
});
