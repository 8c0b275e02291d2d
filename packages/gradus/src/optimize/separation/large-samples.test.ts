import { expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { checkSamples } from "./check-samples.ts";
import { perceptronPass } from "./perceptron.ts";
import { separate } from "./separate.ts";

// Large samples are passed over in WebAssembly. Entries are multiples of 1/8, so that every sum is exact.
const [rows, columns] = [600, 12];
const stream = randomStream(2);
const values = Float64Array.from(
  { length: rows * columns },
  () => Math.round(16 * stream.uniform(-1, 1)) / 8,
);
const truth = Float64Array.from({ length: columns }, () => Math.round(8 * stream.uniform(-1, 1)));
const margin = (i: number, theta: Float64Array) =>
  theta.reduce((sum, t, j) => sum + t * values[i * columns + j], 0);
const y = Float64Array.from({ length: rows }, (_, i) => (margin(i, truth) >= 0.01 ? 1 : -1));
const A = { rows, columns, values };

test("a pass of the perceptron makes the updates of its rule, one by one", () => {
  const samples = checkSamples({ A, y });
  expect(samples.perceptronPass).toBeDefined();
  const [found, wanted] = [new Float64Array(columns), new Float64Array(columns)];
  for (let pass = 0; pass < 5; pass++) {
    let updates = 0;
    for (let i = 0; i < rows; i++) {
      if (y[i] * margin(i, wanted) > 0) continue;
      updates += 1;
      for (let j = 0; j < columns; j++) wanted[j] += 0.5 * y[i] * values[i * columns + j];
    }
    expect(perceptronPass(samples, 0.5, found)).toBe(updates);
    expect(found).toEqual(wanted);
  }
});

test("the figures of an iterate are those of its weights", async () => {
  const { theta, loss, minMargin, accuracy } = await separate({ A, y, maxIterations: 40, stop: "never" });
  const margins = Array.from(y, (label, i) => label * margin(i, theta));
  expect(accuracy).toBe(margins.filter((m) => m > 0).length / rows);
  expect(minMargin).toBeCloseTo(Math.min(...margins), 12);
  expect(loss).toBeCloseTo(margins.reduce((sum, m) => sum + Math.log1p(Math.exp(-m)), 0) / rows, 12);
});

test("contradictory and zero rows are found among many", () => {
  const changed = (i: number, row: (j: number) => number) => {
    const copy = values.slice();
    for (let j = 0; j < columns; j++) copy[i * columns + j] = row(j);
    return { rows, columns, values: copy };
  };
  const labels = new Float64Array(rows).fill(1);
  const opposite = changed(555, (j) => -values[17 * columns + j]);
  expect(() => checkSamples({ A: opposite, y: labels })).toThrow("contradictory samples 17 and 555");
  expect(() => checkSamples({ A: changed(99, () => 0), y })).toThrow(DataError);
  expect(() => checkSamples({ A: changed(99, () => 0), y })).toThrow("row 99 is zero");
  expect(() => checkSamples({ A: values.map((v, k) => (k === 100 ? NaN : v)), y })).toThrow(
    "row 8, column 4",
  );
});
