import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { rankCorrelation } from "./rank-correlation.ts";

test("without ties it is 1 - 6 sum d^2 / (n (n^2 - 1)), d the differences of the places", () => {
  expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 4000])).toBeCloseTo(1, 14);
  expect(rankCorrelation([1, 2, 3, 4], [9, 7, 5, 1])).toBeCloseTo(-1, 14);
  expect(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(1 - 12 / 60, 14);
});

// python3 -c "from scipy.stats import spearmanr
//   print(spearmanr([106,100,86,101,99,103,97,113,112,110],[7,27,2,50,28,29,20,12,6,17]).statistic)
//   print(spearmanr([1,2,2,3,5,5,5],[2,1,4,4,3,8,7]).statistic)"
test("is what scipy prints, ties at their mean place", () => {
  const x = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
  const y = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
  expect(rankCorrelation(x, y)).toBeCloseTo(-0.17575757575757575, 14);
  expect(rankCorrelation([1, 2, 2, 3, 5, 5, 5], [2, 1, 4, 4, 3, 8, 7])).toBeCloseTo(0.6702887344438079, 14);
});

test("any increasing function leaves it as it is, infinities included", () => {
  const x = Float64Array.of(0.3, -1.2, 2, 0.7, -0.1);
  const y = Float64Array.of(3, 1, 2, 5, 4);
  expect(rankCorrelation(x.map(Math.exp), y)).toBe(rankCorrelation(x, y));
  expect(rankCorrelation([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], [2, 3, 1])).toBeCloseTo(
    1,
    14,
  );
});

test("says what is wrong", () => {
  expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
  expect(() => rankCorrelation([1], [1])).toThrow(ArgumentError);
  expect(() => rankCorrelation([1, 2], [1, 2, 3])).toThrow("y must have 2 numbers, got 3");
  expect(() => rankCorrelation([1, Number.NaN], [1, 2])).toThrow(DataError);
});
