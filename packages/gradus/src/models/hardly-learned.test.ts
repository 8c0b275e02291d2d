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

test("sizes at the bounds are usual, and images have no columns", () => {
  const column = (value: number) => array(Float64Array.of(value, value, -value, -value), [4, 1]);
  const images = array(new Float64Array(8).fill(1e6), [2, 1, 2, 2]);
  const inputs = { low: column(2 ** -7), high: column(100), above: column(100.5), images };
  const found = hardlyLearned({ inputs }, "squared", { reached: 1e4, constant: 1e4 });
  expect(found?.columns).toEqual([
    { input: "low", column: 1, rootMeanSquare: 2 ** -7 },
    { input: "above", column: 1, rootMeanSquare: 100.5 },
  ]);
  expect(found).not.toHaveProperty("targetDeviation");
  const small = hardlyLearned({ inputs: {} }, "squared", { reached: 0.01 ** 2, constant: 0.01 ** 2 });
  expect(small).not.toHaveProperty("targetDeviation");
  const smaller = hardlyLearned({ inputs: {} }, "squared", { reached: 2 ** -14, constant: 2 ** -14 });
  expect(smaller?.targetDeviation).toBe(2 ** -7);
});
