import { expect, it } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { type ClassifierModel, predictionsOf, probabilitiesOf, scoresOf } from "./model.ts";

const linear: ClassifierModel = {
  kind: "linear",
  weights: Float64Array.of(2, -1),
  bias: 0.5,
  threshold: 0.6,
};
const twoLayer: ClassifierModel = {
  kind: "two-layer",
  hiddenWeights: Float64Array.of(1, 0, 0, 1),
  hiddenBias: Float64Array.of(0, -Math.log(3)),
  outputWeights: Float64Array.of(4, 8),
  outputBias: -3,
  threshold: 0.5,
};

it("scores rows by hand-made weights", () => {
  expect([...scoresOf(linear, Float64Array.of(1, 1, 0, 2))]).toEqual([1.5, -1.5]);
  // sigma(0) = 1/2 and sigma(-ln 3) = 1/4; then sigma(ln 3) = 3/4 and sigma(0) = 1/2.
  const scores = scoresOf(twoLayer, Float64Array.of(0, 0, Math.log(3), Math.log(3)));
  expect(scores[0]).toBeCloseTo(1, 14);
  expect(scores[1]).toBeCloseTo(4, 14);
});

it("predicts 1 above the model's threshold", () => {
  const x = Float64Array.of(0, 0.5, 0, 0, 1, 1);
  expect([...probabilitiesOf(linear, x)].map((p) => p.toFixed(4))).toEqual(["0.5000", "0.6225", "0.8176"]);
  expect([...predictionsOf(linear, x)]).toEqual([0, 1, 1]);
});

it("refuses rows of another width", () => {
  expect(() => scoresOf(linear, Float64Array.of(1, 2, 3))).toThrow(ArgumentError);
  expect(() => scoresOf(twoLayer, Float64Array.of(1, 2, 3))).toThrow("the model's 2 columns, got 3 numbers");
});
