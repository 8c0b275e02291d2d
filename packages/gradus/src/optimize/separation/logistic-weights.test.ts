import fc from "fast-check";
import { expect, test } from "vitest";
import { decayOf, lossOfMargin, weightOfMargin } from "../../losses/logistic.ts";
import { logisticWeights, type MarginSummary, perceptronWeights } from "./logistic-weights.ts";

const weight = (m: number) => weightOfMargin(m, decayOf(m));
const loss = (m: number) => lossOfMargin(m, decayOf(m));

const emptySummary = (): MarginSummary => ({
  loss: 0,
  minMargin: 0,
  separatedCount: 0,
  weightSum: 0,
  lossSum: 0,
});

function summarize(margins: readonly number[], rescale: boolean) {
  const weights = new Float64Array(margins.length);
  const summary = emptySummary();
  logisticWeights(Float64Array.from(margins), weights, summary, rescale);
  return { weights, ...summary };
}

test("loss and weight keep their digits at both ends of the range", () => {
  expect(loss(-800)).toBe(800);
  expect(weight(-800)).toBe(1);
  expect(loss(800)).toBe(0);
  expect(weight(800)).toBe(0);
  expect(weight(40) / 4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(loss(40) / 4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(weight(0)).toBe(0.5);
  expect(summarize([-800], false)).toMatchObject({
    loss: 800,
    minMargin: -800,
    separatedCount: 0,
    weightSum: 1,
  });
  expect(summarize([800], false)).toMatchObject({ loss: 0, minMargin: 800, separatedCount: 1, weightSum: 0 });
});

test("the weight of the opposite margin is the complement, and the loss differs by the margin", () => {
  fc.assert(
    fc.property(fc.double({ min: -300, max: 300, noNaN: true }), (m) => {
      expect(weight(m) + weight(-m)).toBeCloseTo(1, 15);
      expect(loss(m) - loss(-m)).toBeCloseTo(-m, 10);
    }),
  );
});

test("the weight is the slope of the loss (central differences)", () => {
  for (const m of [-30, -3, -0.5, 0, 0.25, 2, 9]) {
    const h = 1e-5;
    expect((loss(m - h) - loss(m + h)) / (2 * h)).toBeCloseTo(weight(m), 9);
  }
});

test("one pass gives the mean loss, the least margin, the count of right samples and the sum of weights", () => {
  const { weights, ...summary } = summarize([Math.log(3), -Math.log(3), 0], true);
  expect([...weights]).toEqual([expect.closeTo(1 / 4, 15), expect.closeTo(3 / 4, 15), 0.5]);
  expect(summary.loss).toBeCloseTo((Math.log(4 / 3) + Math.log(4) + Math.log(2)) / 3, 15);
  expect(summary.minMargin).toBe(-Math.log(3));
  expect(summary.separatedCount).toBe(1);
  expect(summary.weightSum).toBeCloseTo(1.5, 15);
});

test("weights that would underflow together keep their ratios when a rule divides by their sum", () => {
  const { weights, weightSum, lossSum } = summarize([5000, 5001, 5010], true);
  expect(weightSum).toBe(weights[0] + weights[1] + weights[2]);
  expect(weights[1] / weights[0]).toBeCloseTo(Math.exp(-1), 15);
  expect(weights[2] / weights[0]).toBeCloseTo(Math.exp(-10), 18);
  expect(lossSum).toBe(weightSum);
  expect(summarize([5000, 5001, 5010], false).weightSum).toBe(0);
});

test("the rescaled weights join the plain ones without a step", () => {
  const below = summarize([599.9, 602, 605], true);
  const above = summarize([600.1, 602.2, 605.2], true);
  for (let i = 0; i < 3; i++)
    expect(below.weights[i] / below.weightSum).toBeCloseTo(above.weights[i] / above.weightSum, 12);
});

test("the perceptron's weights are 1, 1/2 and 0 for wrong, tied and right samples", () => {
  const weights = new Float64Array(4);
  const summary = emptySummary();
  perceptronWeights(Float64Array.of(-1e-300, 0, -0, 3), weights, summary);
  expect([...weights]).toEqual([1, 0.5, 0.5, 0]);
  expect(summary.weightSum).toBe(2);
  expect(summary.separatedCount).toBe(1);
  expect(summary.loss).toBeCloseTo((3 * Math.LN2 + Math.log1p(Math.exp(-3))) / 4, 15);
});
