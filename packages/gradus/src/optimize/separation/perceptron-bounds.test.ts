import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { type BoundedMethod, perceptronBounds } from "./perceptron-bounds.ts";

// Two samples (1,0), (-1,1): R^2 = 2, mu^2 = 1/5, so R^2/mu^2 = 10 and 2 ln(4)/mu^2 = 10 ln 4.
const pair = { n: 2, R: Math.SQRT2, mu: 1 / Math.sqrt(5) };

test.each<[BoundedMethod, number, number]>([
  ["gd", 4, 4 * (10 + (10 * Math.log(4)) / 4) + 1],
  ["batch-perceptron", 1, 41],
  ["normalized", 4, 10 + (10 * Math.log(4)) / 4],
  ["gradient-normalized", 4, 10 + (10 * Math.SQRT2 * Math.log(4)) / 4],
  ["normalized-batch-perceptron", 1, 10],
  ["perceptron", 1, 10],
])("%s with step %d on the two-sample example", (method, step, bound) => {
  expect(perceptronBounds({ method, ...pair, step })).toBeCloseTo(bound, 9);
});

test("with an ever larger step only the unnormalized methods keep the factor n", () => {
  const limit = (method: BoundedMethod) => perceptronBounds({ method, n: 1000, R: 1, mu: 0.1 });
  expect(limit("gd")).toBeCloseTo(200_001, 6);
  expect(limit("batch-perceptron")).toBeCloseTo(200_001, 6);
  for (const method of ["normalized", "gradient-normalized", "normalized-batch-perceptron"] as const)
    expect(limit(method)).toBeCloseTo(100, 9);
});

test.each([
  [{ ...pair, n: 0 }, "n must be a positive integer, got 0"],
  [{ ...pair, n: 2.5 }, "n must be a positive integer, got 2.5"],
  [{ ...pair, R: Number.POSITIVE_INFINITY }, "R must be a positive number, got Infinity"],
  [{ ...pair, mu: 0 }, "mu must be a positive number, got 0"],
  [{ ...pair, mu: Number.NaN }, "mu must be a positive number, got NaN"],
  [{ ...pair, mu: 2 }, "mu must be at most R"],
  [{ ...pair, step: -1 }, "step must be positive, got -1"],
])("refuses what no data set can have", (geometry, message) => {
  const attempt = () => perceptronBounds({ method: "normalized", ...geometry });
  expect(attempt).toThrow(ArgumentError);
  expect(attempt).toThrow(message);
});
