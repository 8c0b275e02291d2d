import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { bootstrapInterval, bootstrapRows } from "./bootstrap.ts";
import { median, sampleMean } from "./descriptive.ts";

// The spatial test data, A: Efron & Tibshirani 1993, "An introduction to the bootstrap", table 14.1
const spatial = [
  48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41,
];

function variance(values: Float64Array): number {
  const center = sampleMean(values);
  return sampleMean(values.map((value) => (value - center) ** 2));
}

describe("bootstrapInterval", () => {
  // scipy.stats.bootstrap (SciPy 1.17.1) with 400000 resamples; the book prints (100.8, 233.9) and (115.8, 259.6) of 2000
  test.each([
    ["percentile", 97.864, 235.793],
    ["bca", 115.475, 260.946],
  ] as const)("%s agrees with the book's example and another library", (method, low, high) => {
    const interval = bootstrapInterval(spatial, variance, {
      confidence: 0.9,
      resamples: 40_000,
      method,
      seed: 1,
    });
    expect(interval.estimate).toBeCloseTo(171.534, 3);
    // an end is a quantile of 40000 figures of standard error 42: its own is below 0.65
    expect(Math.abs(interval.low - low)).toBeLessThan(3);
    expect(Math.abs(interval.high - high)).toBeLessThan(3);
    expect(Math.abs(interval.standardError / 41.829 - 1)).toBeLessThan(0.02);
  });

  test("covers the mean of a skewed distribution about as often as it says", () => {
    const stream = randomStream(2);
    let covered = 0;
    const samples = 400;
    for (let s = 0; s < samples; s++) {
      const sample = Float64Array.from({ length: 60 }, () => stream.exponential());
      const { low, high } = bootstrapInterval(sample, sampleMean, {
        confidence: 0.8,
        resamples: 400,
        seed: s,
      });
      if (low <= 1 && 1 <= high) covered += 1;
    }
    // BCa is right to order 1/n; five standard errors of the share, and 0.02 for the order
    expect(Math.abs(covered / samples - 0.8)).toBeLessThan(5 * Math.sqrt(0.16 / samples) + 0.02);
  });

  test("is a point for a sample of equal numbers, and the same for the same seed", () => {
    expect(bootstrapInterval([3, 3, 3], median, { seed: 1 })).toEqual({
      estimate: 3,
      low: 3,
      high: 3,
      standardError: 0,
    });
    const options = { resamples: 200, seed: 5 };
    expect(bootstrapInterval(spatial, sampleMean, options)).toEqual(
      bootstrapInterval(spatial, sampleMean, options),
    );
  });
});

describe("bootstrapRows", () => {
  test("keeps rows together: the correlation of paired numbers", () => {
    const y = spatial.map((value) => 2 * value + 1);
    const correlation = (rows: Int32Array): number => {
      const [a, b] = [Float64Array.from(rows, (i) => spatial[i]), Float64Array.from(rows, (i) => y[i])];
      const [ma, mb] = [sampleMean(a), sampleMean(b)];
      const product = sampleMean(a.map((value, i) => (value - ma) * (b[i] - mb)));
      return product / Math.sqrt(variance(a) * variance(b));
    };
    const { estimate, low, high } = bootstrapRows(spatial.length, correlation, { resamples: 100, seed: 1 });
    for (const figure of [estimate, low, high]) expect(figure).toBeCloseTo(1, 12);
  });

  test("rejects what cannot be resampled", () => {
    const one = () => 1;
    expect(() => bootstrapRows(1, one, { seed: 1 })).toThrow(ArgumentError);
    expect(() => bootstrapRows(5, one, { seed: 1, confidence: 1 })).toThrow(
      "confidence must be in (0, 1), got 1",
    );
    expect(() => bootstrapRows(5, one, { seed: 1, resamples: 1 })).toThrow(
      "resamples must be an integer of at least 2",
    );
    expect(() => bootstrapRows(5, () => Number.NaN, { seed: 1 })).toThrow(ConvergenceError);
    expect(() => bootstrapRows(5, (rows) => (rows.length < 5 ? Number.NaN : 1), { seed: 1 })).toThrow(
      "the statistic of all rows but 0 must be finite, got NaN",
    );
  });
});

test.each(["bca", "percentile"] as const)("the interval is in the unit of the sample (%s)", (method) => {
  const sample = [1, 2, 5, 7, 30];
  const options = { seed: 1, resamples: 200, method } as const;
  const one = bootstrapInterval(sample, sampleMean, options);
  expect(one.standardError).toBeGreaterThan(1);
  for (const unit of [2 ** -1000, 2 ** -500, 2 ** 500, 2 ** 1000]) {
    const scaled = sample.map((value) => unit * value);
    const { low, high, standardError } = bootstrapInterval(scaled, sampleMean, options);
    expect(low / unit / one.low).toBeCloseTo(1, 9);
    expect(high / unit / one.high).toBeCloseTo(1, 9);
    expect(standardError / unit / one.standardError).toBeCloseTo(1, 12);
  }
});
