import { readFile } from "node:fs/promises";
import {
  type ArrayValue,
  add,
  array,
  compile,
  constant,
  exportOnnx,
  f32,
  f64,
  hessianVectorProduct,
  type ImportedModel,
  importOnnx,
  item,
  matmul,
  mul,
  reshape,
  sigmoid,
  softmax,
  specsOf,
  type Tensor,
  toNumbers,
  transpose,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { type ModelData, type ModelLossName, modelLosses, modelObjective } from "./objective.ts";

/** Loss and accuracy of a model on data, at the file's parameters. */
async function measure(model: ImportedModel, data: ModelData, loss: ModelLossName) {
  const objective = modelObjective(model, { data, loss });
  const { inputs, labels } = objective.data;
  using program = await compile(
    (batch) => ({
      loss: objective.loss({}, batch),
      accuracy: objective.accuracy?.({}, batch) ?? batch.labels,
    }),
    { inputs: specsOf(inputs), labels: specsOf(labels) },
  );
  const result = await program.run({ inputs, labels });
  return { loss: item(result.loss), accuracy: objective.accuracy && item(result.accuracy), labels };
}

/** A model of x [rows, ...] in float64 as its file. */
const modelOf = (f: (x: Tensor) => Tensor, ...shape: number[]) =>
  importOnnx(exportOnnx(({ x }) => ({ y: f(x) }), { x: f64("rows", ...shape) }));

const numbers = (values: readonly number[], ...shape: number[]) => array(Float64Array.from(values), shape);
const classes = (...values: number[]) => array(BigInt64Array.from(values, BigInt));
const dataOf = (x: ArrayValue, labels: ArrayValue): ModelData => ({ inputs: { x }, labels });

/** -log softmax(z)_label. */
const crossEntropyOf = (z: readonly number[], label: number) =>
  Math.log(z.reduce((sum, value) => sum + Math.exp(value - z[label]), 0));

describe("cross-entropy", () => {
  const z = [1, 2, 0.5, -1, 0, 3];
  const wanted = (crossEntropyOf(z.slice(0, 3), 1) + crossEntropyOf(z.slice(3), 0)) / 2;

  test.each([
    ["of logits", (x: Tensor) => add(x, 0)],
    ["behind a softmax", (x: Tensor) => softmax(x)],
  ])("%s is the formula's", async (_, f) => {
    const { loss, accuracy } = await measure(
      modelOf(f, 3),
      dataOf(numbers(z, 2, 3), classes(1, 0)),
      "cross-entropy",
    );
    expect(loss).toBeCloseTo(wanted, 12);
    expect(accuracy).toBe(0.5);
  });

  test("behind a softmax is finite for logits of any size", async () => {
    const model = modelOf((x) => softmax(x), 2);
    const { loss } = await measure(model, dataOf(numbers([2000, 0], 1, 2), classes(1)), "cross-entropy");
    expect(loss).toBe(2000);
  });

  test.each([
    ["along axis 1, as in PyTorch's images", (x: Tensor) => transpose(x, [0, 2, 1])],
    ["along the last axis, as in sequences", (x: Tensor) => add(x, 0)],
  ])("has classes %s", async (_, f) => {
    // One row of two positions with three classes.
    const data = dataOf(numbers(z, 1, 2, 3), array(BigInt64Array.of(1n, 0n), [1, 2]));
    const { loss, accuracy } = await measure(modelOf(f, 2, 3), data, "cross-entropy");
    expect(loss).toBeCloseTo(wanted, 12);
    expect(accuracy).toBe(0.5);
  });

  test("takes classes as whole numbers of any type, also as a column", async () => {
    const model = modelOf((x) => add(x, 0), 3);
    const { loss, labels } = await measure(
      model,
      dataOf(numbers(z, 2, 3), numbers([1, 0], 2, 1)),
      "cross-entropy",
    );
    expect(loss).toBeCloseTo(wanted, 12);
    expect(labels).toEqual(classes(1, 0));
  });
});

test.each([
  ["logits", (x: Tensor) => add(x, 0)],
  ["a sigmoid's probabilities", (x: Tensor) => sigmoid(x)],
])("binary cross-entropy of %s is the formula's", async (_, f) => {
  const model = importOnnx(exportOnnx(({ x }) => ({ y: f(x) }), { x: f32("rows", 1) }));
  const x = array(Float32Array.of(0.5, -1.25, 900), [3, 1]);
  const { loss, accuracy } = await measure(model, dataOf(x, classes(1, 0, 0)), "binary-cross-entropy");
  expect(loss).toBeCloseTo((Math.log1p(Math.exp(-0.5)) + Math.log1p(Math.exp(-1.25)) + 900) / 3, 4);
  expect(accuracy).toBeCloseTo(2 / 3, 6);
});

test("squared is the mean of squares, with labels as a column or not", async () => {
  const model = modelOf((x) => matmul(x, constant(Float64Array.of(1, 2), [2, 1])), 2);
  const x = numbers([1, 1, 2, 0], 2, 2);
  for (const labels of [numbers([1, 4], 2), numbers([1, 4], 2, 1), classes(1, 4)]) {
    const { loss, accuracy } = await measure(model, dataOf(x, labels), "squared");
    expect(loss).toBe((2 ** 2 + 2 ** 2) / 2);
    expect(accuracy).toBeUndefined();
  }
});

test("a file written for one row is mapped over the rows", async () => {
  // The reshape to one row of six numbers works for one row alone.
  const file = exportOnnx(({ x }) => ({ y: reshape(x, [1, 6]) }), { x: f32(1, 2, 3) });
  const x = array(
    Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)),
    [3, 2, 3],
  );
  const { loss } = await measure(importOnnx(file), dataOf(x, array(x.data, [3, 6])), "squared");
  expect(loss).toBe(0);
});

test("PyTorch's classifier has PyTorch's loss", async () => {
  const folder = new URL("../../../graph/fixtures/pytorch/", import.meta.url);
  const model = importOnnx(await readFile(new URL("classifier.onnx", folder)));
  const { x, labels, all } = JSON.parse(await readFile(new URL("classifier.json", folder), "utf8"));
  const values = new Float64Array(Uint8Array.from(Buffer.from(x.data, "base64")).buffer);
  const data = {
    inputs: { features: array(Float32Array.from(values), x.shape) },
    labels: classes(...labels),
  };
  expect((await measure(model, data, "cross-entropy")).loss).toBeCloseTo(all.losses[0], 6);
});

describe("what does not fit is refused", () => {
  const x = numbers([1, 2, 3, 4], 2, 2);
  const two = modelOf((t) => add(t, 0), 2);
  const one = modelOf((t) => matmul(t, constant(Float64Array.of(1, 2), [2, 1])), 2);
  test.each([
    ["cross-entropy", two, classes(0, 2), "data.labels"],
    ["cross-entropy", two, numbers([0, 0.5], 2), "data.labels"],
    [
      "cross-entropy",
      one,
      classes(0, 1),
      'needs an output of 2 classes or more, got y [rows, 1]; use "binary-cross-entropy"',
    ],
    [
      "binary-cross-entropy",
      one,
      classes(0, 2),
      'must be from 0 to 1 for "binary-cross-entropy", got 2 in row 1',
    ],
    [
      "binary-cross-entropy",
      two,
      classes(0, 1),
      "data.labels must be numbers [rows, 2], as the output y has, got i64[2]",
    ],
    ["squared", one, numbers([1, 2, 3, 4], 2, 2), "data.labels must be numbers [rows, 1]"],
    ["squared", one, numbers([1, Number.NaN], 2), "data.labels must be finite, got NaN in row 1"],
  ] as const)("%s", (loss, model, labels, message) => {
    expect(() => modelObjective(model, { data: dataOf(x, labels), loss })).toThrow(message);
  });

  test("an output without rows, and inputs that are not finite", () => {
    const whole = modelOf((t) => matmul(transpose(t), t), 2);
    expect(() => modelObjective(whole, { data: dataOf(x, x), loss: "squared" })).toThrow(
      "output y must have one row for each row of the inputs, got [2, 2]",
    );
    const bad = numbers([1, 2, Number.POSITIVE_INFINITY, 4], 2, 2);
    expect(() => modelObjective(two, { data: dataOf(bad, classes(0, 1)), loss: modelLosses[0] })).toThrow(
      "data.inputs.x must be finite, got Infinity in row 1",
    );
  });
});

test.each([
  ["cross-entropy", (x: Tensor) => add(x, 0), [3], classes(1, 0)],
  ["cross-entropy", (x: Tensor) => transpose(x, [0, 2, 1]), [2, 3], array(BigInt64Array.of(1n, 0n), [1, 2])],
  ["binary-cross-entropy", (x: Tensor) => add(x, 0), [3], numbers([1, 0, 0.5, 0, 1, 1], 2, 3)],
  ["squared", (x: Tensor) => add(x, 0), [3], numbers([1, 0, 0.5, 0, 1, 1], 2, 3)],
] as const)("the curvature in the scores is the loss's Hessian: %s", async (loss, f, shape, labels) => {
  const rows = labels.shape[0];
  const x = numbers([1, 2, 0.5, -1, 0, 3], rows, ...shape);
  const objective = modelObjective(modelOf(f, ...shape), { data: dataOf(x, labels), loss });
  const u = numbers([0.3, -1, 2, 0.7, 1, -0.2], ...x.shape);
  using program = await compile(
    ({ x, u, labels }) => {
      // The loss as a function of the inputs, of which the scores are a permutation or the numbers themselves.
      const of = (t: Tensor) => objective.loss({}, { inputs: { x: t }, labels });
      const product = objective.curvature?.product(
        objective.scores({}, { x }),
        objective.scores({}, { x: u }),
      );
      return { wanted: hessianVectorProduct(of)(x, u), product: mul(product ?? u, 1 / rows) };
    },
    { x: specsOf(x), u: specsOf(u), labels: specsOf(objective.data.labels) },
  );
  const { wanted, product } = await program.run({ x, u, labels: objective.data.labels });
  toNumbers(product).forEach((value, i) => {
    expect(value).toBeCloseTo(toNumbers(wanted)[i], 12);
  });
});
