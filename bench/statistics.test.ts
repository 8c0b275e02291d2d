import { expect, test } from "vitest";
import { disagreement, ratio, spread } from "./statistics.ts";

test("the median of an odd number of values is the middle one, of an even number the mean of the middle two", () => {
  expect(spread([9, 1, 5])).toEqual({ median: 5, least: 1, most: 9 });
  expect(spread([8, 1, 2, 4])).toEqual({ median: 3, least: 1, most: 8 });
  expect(spread([7])).toEqual({ median: 7, least: 7, most: 7 });
  expect(() => spread([])).toThrow("at least one value");
});

test("a drift that hits both sides of a round leaves the ratio alone", () => {
  expect(ratio([1, 2, 4], [2, 4, 8])).toEqual({ median: 0.5, least: 0.5, most: 0.5 });
});

test("the one set that computes something else is the one that stands out", () => {
  const [a, b, c] = disagreement([
    [1, 100],
    [1, 150],
    [1, 100],
  ]);
  expect([a, c]).toEqual([0, 0]);
  expect(b).toBeCloseTo(0.5, 12);
});

test("a value that is not a number disagrees", () => {
  expect(disagreement([[1], [1], [Number.NaN]])[2]).toBeNaN();
});
