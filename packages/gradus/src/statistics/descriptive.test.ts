import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { loadDataset } from "../data/bundled.ts";
import { median, quantile, sampleMean } from "./descriptive.ts";

const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 });

describe("quantile", () => {
  test("of the diabetes targets at 0.9, 0.8, 0.65 is what NumPy prints: 265, 232, 180", async () => {
    const { y } = await loadDataset("diabetes");
    expect([0.9, 0.8, 0.65].map((q) => quantile(y, q))).toEqual([265, 232, 180]);
  });

  test("is linear between neighbors", () => {
    expect(quantile([40, 10, 30, 20], 0.5)).toBe(25);
    expect(quantile([40, 10, 30, 20], 0.25)).toBe(17.5);
    expect(quantile([7], 0.3)).toBe(7);
  });

  test("goes from the least to the largest number without falling, and leaves its input alone", () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (x, q) => {
        const before = [...x];
        expect(quantile(x, 0)).toBe(Math.min(...x));
        expect(quantile(x, 1)).toBe(Math.max(...x));
        expect(quantile(x, q)).toBeGreaterThanOrEqual(quantile(x, q / 2));
        expect(x).toEqual(before);
      }),
    );
  });

  test("rejects a share outside [0, 1] and numbers that are not finite", () => {
    expect(() => quantile([1], 1.1)).toThrow(ArgumentError);
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow(DataError);
    expect(() => quantile([], 0.5)).toThrow("at least one number");
  });
});

test("the median has as many numbers below as above", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  fc.assert(
    fc.property(numbers, (x) => {
      const middle = median(x);
      expect(x.filter((value) => value < middle).length).toBeLessThanOrEqual(x.length / 2);
      expect(x.filter((value) => value > middle).length).toBeLessThanOrEqual(x.length / 2);
    }),
  );
});

test("the mean does not lose small numbers to large ones", () => {
  expect(sampleMean([1e16, 1, -1e16, 1])).toBe(0.5);
  expect(() => sampleMean([])).toThrow(DataError);
});
