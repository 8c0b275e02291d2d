import { expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { logisticLoss, sampleWeights } from "./logistic-loss.ts";

const A = [
  [1, 2],
  [3, -1],
];

test("at zero every weight is 1/2 and the loss is ln 2", () => {
  expect([...sampleWeights(A, [1, -1], [0, 0])]).toEqual([0.5, 0.5]);
  expect(logisticLoss(A, [1, -1], [0, 0])).toBe(Math.LN2);
});

test("margins ln 3 and -ln 3 weigh 1/4 and 3/4 and cost ln(4/3) and ln 4", () => {
  const theta = [Math.log(3), 0];
  const samples = [
    [1, 5],
    [-1, 7],
  ];
  const weights = sampleWeights(samples, [1, 1], theta);
  expect(weights[0]).toBeCloseTo(1 / 4, 15);
  expect(weights[1]).toBeCloseTo(3 / 4, 15);
  expect(logisticLoss(samples, [1, 1], theta)).toBeCloseTo((Math.log(4 / 3) + Math.log(4)) / 2, 15);
});

test("a margin of -800 costs 800", () => {
  expect(logisticLoss([[1]], [1], [-800])).toBe(800);
  expect([...sampleWeights([[1]], [1], [800])]).toEqual([0]);
});

test("theta of another length is refused", () => {
  expect(() => logisticLoss(A, [1, -1], [1])).toThrow(DataError);
  expect(() => sampleWeights(A, [1, -1], [1, 2, 3])).toThrow("theta must have 2 entries, got 3");
});
