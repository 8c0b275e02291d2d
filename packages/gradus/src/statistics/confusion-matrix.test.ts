import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { confusionMatrix } from "./confusion-matrix.ts";

test("counts rows by predicted and true class", () => {
  const predictions = Int32Array.of(1, 1, 1, 0, 0, 0, 0);
  const labels = [1, 1, 0, 1, 0, 0, 0];
  expect(confusionMatrix(labels, predictions)).toEqual({ tp: 2, fp: 1, fn: 1, tn: 3 });
});

test("weighs rows", () => {
  const weights = Float64Array.of(0.5, 2, 0, 4);
  expect(confusionMatrix([1, 0, 1, 0], [1, 1, 0, 0], { weights })).toEqual({ tp: 0.5, fp: 2, fn: 0, tn: 4 });
});

test("takes labels first, as scikit-learn does", () => {
  // sklearn.metrics.confusion_matrix([0, 0, 0, 1], [0, 1, 1, 1]) is [[1, 2], [0, 1]]: [[tn, fp], [fn, tp]].
  expect(confusionMatrix([0, 0, 0, 1], [0, 1, 1, 1])).toEqual({ tn: 1, fp: 2, fn: 0, tp: 1 });
});

test("rejects what is not two classes", () => {
  expect(() => confusionMatrix([1, 0], [1, 0.5])).toThrow("predictions must be 0 or 1, got 0.5 in row 1");
  expect(() => confusionMatrix([1, -1], [1, 0])).toThrow("map -1 and 1 to 0 and 1 with (y + 1) / 2");
  expect(() => confusionMatrix([1, Number.NaN], [1, 0])).toThrow(DataError);
  expect(() => confusionMatrix([1], [1, 0])).toThrow(ArgumentError);
  expect(() => confusionMatrix([], [])).toThrow("at least one row");
  expect(() => confusionMatrix([1], [1], { weights: [-1] })).toThrow("weights must be finite and >= 0");
  expect(() => confusionMatrix([1], [1], { weights: [1, 2] })).toThrow(ArgumentError);
});
