import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { hardlyLearned } from "./hardly-learned.ts";

const data = { inputs: { x: array(Float64Array.of(1, 300, 7, 0, 2, 301, 7, 0), [2, 4]) } };

test("a model hardly better than a constant is told with columns and targets of unusual size", () => {
  const constant = 1e12;
  const { columns, ...rest } = hardlyLearned(data, "squared", { reached: 2e12, constant }) ?? {};
  expect(rest).toEqual({ loss: 2e12, constantLoss: 1e12, isNoBetter: true, targetDeviation: 1e6 });
  expect(columns).toEqual([{ input: "x", column: 2, rootMeanSquare: expect.any(Number) }]);
  expect(columns?.[0].rootMeanSquare).toBeCloseTo(Math.sqrt((300 ** 2 + 301 ** 2) / 2), 10);
  expect(hardlyLearned(data, "squared", { reached: 0.999e12, constant })?.isNoBetter).toBe(false);
  expect(hardlyLearned(data, "squared", { reached: Math.fround(constant), constant })?.isNoBetter).toBe(true);
});

test("a deviation is told of regressions alone", () => {
  expect(hardlyLearned(data, "cross-entropy", { reached: 2e12, constant: 1e12 })).not.toHaveProperty(
    "targetDeviation",
  );
  expect(hardlyLearned(data, "squared", { reached: 4, constant: 4 })).not.toHaveProperty("targetDeviation");
});

test("a better model, one without a loss and rows with equal labels are told nothing", () => {
  expect(hardlyLearned(data, "squared", { reached: 0.9e12, constant: 1e12 })).toBeUndefined();
  expect(hardlyLearned(data, "squared", { reached: undefined, constant: 1e12 })).toBeUndefined();
  expect(hardlyLearned(data, "squared", { reached: 0, constant: 0 })).toBeUndefined();
});
