import { readFile } from "node:fs/promises";
import { array, importOnnx, loadOnnx, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { adam } from "../train/adam.ts";
import { compileTuner } from "./tuner.ts";
import {
  collect,
  crossEntropyOf,
  file,
  folder,
  options,
  steps,
  stepsData,
  stepsLoss,
  stepsOptions,
} from "./tuner-testing.ts";

test("low-rank changes have their rank, begin at nothing and leave the rest alone", async () => {
  using tuner = await compileTuner(file, { ...options, lora: 1, optimizer: adam({ learningRate: 0.01 }) });
  const iterates = await collect(tuner, { epochs: 2 });
  expect(tuner.file(iterates[0])).toEqual(file);
  expect(tuner.trained).toEqual(["encoder.0.weight", "encoder.2.weight", "head.weight"]);
  const tuned = importOnnx(tuner.file(iterates[2])).parameters;
  const own = importOnnx(file).parameters;
  for (const name of tuner.trained) {
    const [rows, columns] = own[name].shape;
    const change = toNumbers(tuned[name]).map((value, i) => value - Number(own[name].data[i]));
    const size = Math.hypot(...change);
    expect(size).toBeGreaterThan(0.01);
    // Every 2 x 2 minor of a matrix of rank 1 is 0.
    for (let i = 1; i < rows; i++)
      for (let j = 1; j < columns; j++) {
        const minor = change[0] * change[i * columns + j] - change[j] * change[i * columns];
        expect(Math.abs(minor)).toBeLessThan(1e-6 * size);
      }
  }
  for (const name of ["encoder.0.bias", "encoder.2.bias", "head.bias"])
    expect(tuned[name]).toEqual(own[name]);
});

/** The rank of a matrix, by elimination with the largest pivot. */
function rankOf(values: readonly number[], columns: number): number {
  const rows = Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
  const size = Math.max(...values.map(Math.abs));
  for (let rank = 0; ; rank++) {
    const [pivot, i, j] = rows
      .flatMap((row, r) => row.map((value, c) => [Math.abs(value), r, c] as const))
      .reduce((a, b) => (b[0] > a[0] ? b : a), [0, 0, 0]);
    if (pivot <= 1e-5 * size || rank >= Math.min(rows.length, columns)) return rank;
    const [line] = rows.splice(i, 1);
    for (const row of rows) {
      const factor = row[j] / line[j];
      for (let c = 0; c < columns; c++) row[c] -= factor * line[c];
    }
    if (rows.length === 0) return rank + 1;
  }
}

test("low-rank changes of a recurrent layer's matrices: their rank, and the loss in ONNX Runtime", async () => {
  using tuner = await compileTuner(steps, {
    ...stepsOptions,
    lora: 2,
    validation: stepsData,
    optimizer: adam({ learningRate: 0.02 }),
  });
  expect(tuner.trained).toEqual(["head.weight", "onnx::LSTM_107", "onnx::LSTM_108"]);
  const iterates = await collect(tuner, { epochs: 4 });
  expect(tuner.file(iterates[0])).toEqual(steps);
  const tuned = tuner.file(iterates[4]);
  const [before, after] = [importOnnx(steps).parameters, importOnnx(tuned).parameters];
  for (const name of tuner.trained) {
    const change = toNumbers(after[name]).map((value, i) => value - Number(before[name].data[i]));
    expect(rankOf(change, before[name].shape.at(-1) ?? 1), name).toBe(2);
  }
  expect(after["onnx::LSTM_109"]).toEqual(before["onnx::LSTM_109"]);
  expect(await stepsLoss(tuned)).toBeCloseTo(iterates[4].metrics?.loss ?? Number.NaN, 5);
});

test("low-rank changes of kernels: their rank as matrices, and the loss in ONNX Runtime", async () => {
  const images = new Uint8Array(await readFile(new URL("images.onnx", folder)));
  const x = array(
    Float32Array.from({ length: 12 * 64 }, (_, i) => Math.sin(3 * i)),
    [12, 1, 8, 8],
  );
  const classes = Array.from({ length: 12 }, (_, i) => i % 3);
  const given = { inputs: { x }, labels: array(BigInt64Array.from(classes, BigInt)) };
  using tuner = await compileTuner(images, {
    ...{ data: given, validation: given, loss: "cross-entropy", lora: 2 },
    optimizer: adam({ learningRate: 0.02 }),
  });
  expect(tuner.trained).toEqual(["first.weight", "second.weight", "head.weight"]);
  const iterates = await collect(tuner, { epochs: 4 });
  const tuned = tuner.file(iterates[4]);
  const [before, after] = [importOnnx(images).parameters, importOnnx(tuned).parameters];
  for (const name of ["first.weight", "second.weight"]) {
    const { shape, data } = before[name];
    const change = toNumbers(after[name]).map((value, i) => value - Number(data[i]));
    expect(rankOf(change, data.length / shape[0]), name).toBe(2);
  }
  using session = await loadOnnx(tuned);
  const { y } = await session.run({ x });
  expect(crossEntropyOf(toNumbers(y), classes)).toBeCloseTo(iterates[4].metrics?.loss ?? Number.NaN, 5);
});
