import { expect, it } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { type ClassifierModel, predictionsOf, probabilitiesOf, scoresOf } from "./model.ts";

const linear: ClassifierModel = {
  kind: "linear",
  weights: Float64Array.of(2, -1),
  bias: 0.5,
  threshold: 0.6,
};
const twoLayer: ClassifierModel = {
  kind: "two-layer",
  hiddenWeights: denseMatrix([1, 0, 0, 1], 2, 2),
  hiddenBias: Float64Array.of(0, -Math.log(3)),
  outputWeights: Float64Array.of(4, 8),
  outputBias: -3,
  threshold: 0.5,
};

it("scores rows by hand-made weights", () => {
  expect([...scoresOf(linear, denseMatrix([1, 1, 0, 2], 2, 2))]).toEqual([1.5, -1.5]);
  // sigma(0) = 1/2 and sigma(-ln 3) = 1/4; then sigma(ln 3) = 3/4 and sigma(0) = 1/2.
  const scores = scoresOf(twoLayer, denseMatrix([0, 0, Math.log(3), Math.log(3)], 2, 2));
  expect(scores[0]).toBeCloseTo(1, 14);
  expect(scores[1]).toBeCloseTo(4, 14);
});

it("predicts 1 above the model's threshold", () => {
  const x = denseMatrix([0, 0.5, 0, 0, 1, 1], 3, 2);
  expect([...probabilitiesOf(linear, x)].map((p) => p.toFixed(4))).toEqual(["0.5000", "0.6225", "0.8176"]);
  expect([...predictionsOf(linear, x)]).toEqual([0, 1, 1]);
});

it("refuses rows of another width", () => {
  const x = denseMatrix([1, 2, 3], 1, 3);
  expect(() => scoresOf(linear, x)).toThrow(ArgumentError);
  expect(() => scoresOf(twoLayer, x)).toThrow("x must have the model's 2 columns, got 3");
});
