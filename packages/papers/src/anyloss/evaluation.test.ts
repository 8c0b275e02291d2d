import { denseMatrix } from "gradus/linalg";
import { anyLoss, type LinearModel } from "gradus/train";
import { expect, test } from "vitest";
import { LinearTrainers, meanScores, scoresOfModel, splitRows, stepOf } from "./evaluation.ts";

const x = denseMatrix([1, 10, 2, 20, 3, 60, 100, 0], 4, 2);
const rows = { x, y: Int32Array.of(0, 1, 0, 1) };
const fold = { train: Int32Array.of(0, 1, 2), test: Int32Array.of(3) };

test("a fold is standardized by its training rows alone", () => {
  const { train, test } = splitRows(rows, fold);
  // Column 1: mean 2, deviation 1; column 2: mean 30, deviation sqrt(700).
  const root = Math.sqrt(700);
  [-1, -20 / root, 0, -10 / root, 1, 30 / root].forEach((value, i) => {
    expect(train.x.values[i]).toBeCloseTo(value, 14);
  });
  expect(test.x.values[0]).toBeCloseTo(98, 13);
  expect(test.x.values[1]).toBeCloseTo(-30 / root, 14);
  expect(splitRows(rows, fold, { scale: false }).test.x).toStrictEqual(denseMatrix([100, 0], 1, 2));
  expect(train.y).toStrictEqual(Int32Array.of(0, 1, 0));
});

test("figures are those of the hard confusion matrix, and 0 where nothing is predicted positive", () => {
  const model: LinearModel = { kind: "linear", weights: Float64Array.of(1), bias: 0, threshold: 0.5 };
  // Scores 1, 1, -1, -1, 1 against labels 1, 0, 0, 1, 1: TP 2, FP 1, FN 1, TN 1.
  const scores = scoresOfModel(model, denseMatrix([1, 1, -1, -1, 1], 5, 1), Int32Array.of(1, 0, 0, 1, 1));
  expect(scores.accuracy).toBeCloseTo(3 / 5, 14);
  expect(scores.f1).toBeCloseTo(4 / 6, 14);
  expect(scores.f2).toBeCloseTo(10 / 15, 14);
  expect(scores.geometricMean).toBeCloseTo(Math.sqrt(2 / 6), 14);
  expect(scores.balancedAccuracy).toBeCloseTo((2 / 3 + 1 / 2) / 2, 14);
  const none = scoresOfModel(model, denseMatrix([-1, -1], 2, 1), Int32Array.of(1, 0));
  expect([none.f1, none["f0.5"], none.geometricMean, none.balancedAccuracy]).toStrictEqual([0, 0, 0, 0.5]);
  expect(meanScores([scores, none]).balancedAccuracy).toBeCloseTo((7 / 12 + 1 / 2) / 2, 14);
});

test("step sizes are the paper's for its 102 sets", () => {
  expect((["MSE", "BCE", "f1", "accuracy", "f2"] as const).map(stepOf)).toStrictEqual([
    0.01, 0.1, 0.01, 0.005, 0.005,
  ]);
});

test("trainers are compiled once for a name and a width", async () => {
  using trainers = new LinearTrainers();
  const first = await trainers.get("f1", 2, () => anyLoss("f1"));
  expect(await trainers.get("f1", 2, () => anyLoss("f1"))).toBe(first);
  expect(await trainers.get("f1", 3, () => anyLoss("f1"))).not.toBe(first);
});
