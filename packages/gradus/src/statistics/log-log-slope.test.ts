import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../errors.ts";
import { logLogSlope } from "./log-log-slope.ts";

fc.configureGlobal({ seed: 1 });

test("finds the exponent of a power law", () => {
  const exponents = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(exponents, fc.double({ min: 0.01, max: 100, noNaN: true }), (exponent, factor) => {
      const x = [1, 2, 5, 30, 1000];
      const { slope, intercept, standardError } = logLogSlope(
        x,
        x.map((value) => factor * value ** exponent),
      );
      expect(slope).toBeCloseTo(exponent, 12);
      expect(intercept).toBeCloseTo(Math.log(factor), 11);
      expect(standardError).toBeLessThan(1e-12);
    }),
  );
});

test("gives what scipy.stats.linregress prints for the logarithms", () => {
  const growth = logLogSlope([100, 300, 1000, 3000, 10000], [26, 76, 251, 751, 2501]);
  expect(growth.slope).toBeCloseTo(0.9922579231898182, 12);
  expect(growth.standardError).toBeCloseTo(0.002555079762989689, 12);
  const noise = logLogSlope([1, 2, 5, 9], [3, 1, 4, 1.5]);
  expect(noise.slope).toBeCloseTo(-0.04564765650492931, 12);
  expect(noise.intercept).toBeCloseTo(0.7739443810162399, 12);
  expect(noise.standardError).toBeCloseTo(0.4596736469549911, 12);
});

test("rejects what has no slope", () => {
  expect(() => logLogSlope([1, 2], [1, 2])).toThrow(ArgumentError);
  expect(() => logLogSlope([1, 2, 3], [1, 2])).toThrow("as many numbers as x");
  expect(() => logLogSlope([2, 2, 2], [1, 2, 3])).toThrow("two different numbers");
  expect(() => logLogSlope([1, 2, 3], [1, 0, 3])).toThrow(DataError);
  expect(() => logLogSlope([1, 2, 3], [1, 0, 3])).toThrow("y must be finite and > 0, got 0 at 1");
});
