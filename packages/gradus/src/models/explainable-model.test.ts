import { readFile } from "node:fs/promises";
import {
  add,
  array,
  exportOnnx,
  f32,
  f64,
  i64,
  importOnnx,
  loadOnnx,
  mul,
  reshape,
  slice,
  sum,
  toNumbers,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { onnxModel } from "../explain/models/onnx.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { explainableModel } from "./explainable-model.ts";

const folder = new URL("../../../graph/fixtures/pytorch/", import.meta.url);

test("values and gradients are those of the formula", async () => {
  // f = x1^2 + x1 x2.
  const file = exportOnnx(
    ({ x }) => {
      const [a, b] = [0, 1].map((start) => slice(x, { axis: 1, start, end: start + 1 }));
      return { y: add(mul(a, a), mul(a, b)) };
    },
    { x: f64("rows", 2) },
  );
  using model = await explainableModel(importOnnx(file));
  expect(model.features).toBe(2);
  const { values, gradients } = await model.valuesAndGradients(denseMatrix([1, 2, 3, 1], 2, 2));
  expect(Array.from(values)).toEqual([3, 12]);
  expect(Array.from(gradients)).toEqual([4, 1, 7, 3]);
});

test("a model of images is one of its pixels, in a file for one row too", async () => {
  for (const batch of ["rows", 1] as const) {
    const file = exportOnnx(
      ({ x }) => ({ y: sum(reshape(mul(x, x), [batch, 6]), { axes: 1, keepDims: true }) }),
      { x: f32(batch, 1, 2, 3) },
    );
    using model = await explainableModel(importOnnx(file));
    expect(model.features).toBe(6);
    const { values, gradients } = await model.valuesAndGradients(
      denseMatrix([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 1], 2, 6),
    );
    expect(Array.from(values)).toEqual([91, 1]);
    expect(Array.from(gradients)).toEqual([2, 4, 6, 8, 10, 12, 0, 0, 0, 0, 0, 2]);
  }
});

test("sizes that the file leaves open are those that are given", async () => {
  const file = exportOnnx(({ x }) => ({ y: sum(mul(x, x), { axes: [1, 2] }) }), {
    x: f64("rows", "height", 2),
  });
  using model = await explainableModel(importOnnx(file), { row: [2, 2] });
  const { values, gradients } = await model.valuesAndGradients(denseMatrix([1, 2, 3, 4], 1, 4));
  expect([Array.from(values), Array.from(gradients)]).toEqual([[30], [2, 4, 6, 8]]);
  using session = await loadOnnx(file);
  expect(
    Array.from(await onnxModel(session, { row: [2, 2] }).values(denseMatrix([1, 2, 3, 4], 1, 4))),
  ).toEqual([30]);
  for (const row of [[2], [2, 3], [0, 2]]) {
    await expect(explainableModel(importOnnx(file), { row })).rejects.toThrow(
      "row must be the sizes of a row of",
    );
    expect(() => onnxModel(session, { row })).toThrow("row must be the sizes of a row of the input x");
  }
  await expect(explainableModel(importOnnx(file))).rejects.toThrow("give the option row");
  expect(() => onnxModel(session)).toThrow("give the option row");
});

test("a PyTorch classifier's slopes are ONNX Runtime's differences", async () => {
  const file = await readFile(new URL("classifier.onnx", folder));
  using model = await explainableModel(importOnnx(file), { column: 2 });
  const x = [0.3, -0.2, 1.1, 0.4];
  const { gradients } = await model.valuesAndGradients(denseMatrix(x, 1, 4));
  using session = await loadOnnx(file);
  const h = 0.01;
  const rows = x.flatMap((_, j) =>
    [h, -h].flatMap((step) => x.map((value, k) => value + (k === j ? step : 0))),
  );
  const { logits } = await session.run({ features: array(Float32Array.from(rows), [8, 4]) });
  const score = toNumbers(logits).filter((_, i) => i % 3 === 2);
  x.forEach((_, j) => {
    expect(gradients[j]).toBeCloseTo((score[2 * j] - score[2 * j + 1]) / (2 * h), 3);
  });
});

test("what does not fit is refused", async () => {
  const two = importOnnx(
    exportOnnx(({ x, y }) => ({ z: add(x, y) }), { x: f64("rows", 2), y: f64("rows", 2) }),
  );
  await expect(explainableModel(two)).rejects.toThrow("must have one float input, rows of known size");
  const whole = importOnnx(exportOnnx(({ x }) => ({ z: x }), { x: i64("rows", 2) }));
  await expect(explainableModel(whole)).rejects.toThrow("got x i64[rows, 2]");
  const classes = importOnnx(await readFile(new URL("classifier.onnx", folder)));
  await expect(explainableModel(classes)).rejects.toThrow("output must be an integer from 0 to 2");
  await expect(explainableModel(classes, { output: "z" })).rejects.toThrow(
    'output must be "logits", got "z"',
  );
});
