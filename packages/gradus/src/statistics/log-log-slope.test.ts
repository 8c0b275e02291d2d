import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { logLogSlope } from "./log-log-slope.ts";

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

// python3 -c "import numpy as np; from scipy import stats; r = stats.linregress(np.log([1,2,5,9]), np.log([3,1,4,1.5]))
//   for c in (.95, .9): t = stats.t.ppf((1 + c)/2, 2); print(r.slope - t*r.stderr, r.slope + t*r.stderr)"
test("the interval is scipy's slope and standard error with Student's quantile", () => {
  const { interval } = logLogSlope([1, 2, 5, 9], [3, 1, 4, 1.5]);
  expect(interval[0]).toBeCloseTo(-2.0234637283452024, 9);
  expect(interval[1]).toBeCloseTo(1.9321684153353438, 9);
  const narrow = logLogSlope([1, 2, 5, 9], [3, 1, 4, 1.5], { confidence: 0.9 });
  expect(narrow.interval[0]).toBeCloseTo(-1.3878880772829356, 9);
});

test("the interval covers the true exponent as often as it says", () => {
  const stream = randomStream(1);
  const x = [1, 2, 4, 8, 16, 32];
  const runs = 2000;
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const { interval } = logLogSlope(
      x,
      x.map((value) => value ** -0.5 * Math.exp(0.1 * stream.normal())),
      { confidence: 0.9 },
    );
    if (interval[0] <= -0.5 && -0.5 <= interval[1]) covered += 1;
  }
  // 4 standard deviations of a binomial share
  expect(Math.abs(covered / runs - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / runs));
});

test("rejects what has no slope", () => {
  expect(() => logLogSlope([1, 2], [1, 2])).toThrow(ArgumentError);
  expect(() => logLogSlope([1, 2, 3], [1, 2])).toThrow("y must have 3 numbers, got 2");
  expect(() => logLogSlope([2, 2, 2], [1, 2, 3])).toThrow("two distinct numbers");
  expect(() => logLogSlope([1, 2, 3], [1, 2, 3], { confidence: 1 })).toThrow("confidence must be in (0, 1)");
  expect(() => logLogSlope([1, 2, 3], [1, 0, 3])).toThrow(DataError);
  expect(() => logLogSlope([1, 2, 3], [1, 0, 3])).toThrow("y must be finite and > 0, got 0 at 1");
});
