import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { confusionMatrix } from "./confusion-matrix.ts";

test("counts rows by predicted and true class", () => {
  const predictions = Int32Array.of(1, 1, 1, 0, 0, 0, 0);
  const labels = [1, 1, 0, 1, 0, 0, 0];
  expect(confusionMatrix(predictions, labels)).toEqual({ tp: 2, fp: 1, fn: 1, tn: 3 });
});

test("weighs rows", () => {
  const weights = Float64Array.of(0.5, 2, 0, 4);
  expect(confusionMatrix([1, 1, 0, 0], [1, 0, 1, 0], { weights })).toEqual({ tp: 0.5, fp: 2, fn: 0, tn: 4 });
});

test("rejects what is not two classes", () => {
  expect(() => confusionMatrix([1, 0.5], [1, 0])).toThrow("predictions must be 0 or 1, got 0.5 in row 1");
  expect(() => confusionMatrix([1, 0], [1, -1])).toThrow("map -1 and 1 to 0 and 1 with (y + 1) / 2");
  expect(() => confusionMatrix([1, 0], [1, Number.NaN])).toThrow(DataError);
  expect(() => confusionMatrix([1], [1, 0])).toThrow(ArgumentError);
  expect(() => confusionMatrix([], [])).toThrow("at least one row");
  expect(() => confusionMatrix([1], [1], { weights: [-1] })).toThrow("weights must be finite and >= 0");
  expect(() => confusionMatrix([1], [1], { weights: [1, 2] })).toThrow(ArgumentError);
});
