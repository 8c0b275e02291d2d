import fc from "fast-check";
import { expect, test } from "vitest";
import { histogramOf, zeroShare } from "./histogram.ts";

test("numbers by hand: bins, mean, deviation, zeros and what is not finite", () => {
  const { from, to, counts, mean, deviation, zeros, notFinite, size } = histogramOf(
    Float64Array.of(0, 0, 28, Number.NaN, 14, Number.POSITIVE_INFINITY, 28),
  );
  expect([from, to, mean, zeros, notFinite, size]).toEqual([0, 28, 14, 2, 2, 7]);
  expect(deviation).toBeCloseTo(Math.sqrt((2 * 14 ** 2 + 2 * 14 ** 2) / 5), 12);
  expect(counts).toHaveLength(28);
  expect([counts[0], counts[14], counts[27]]).toEqual([2, 1, 2]);
});

test("equal numbers are one bin, and none are none", () => {
  expect(histogramOf(Float32Array.of(3, 3)).counts).toEqual([2]);
  expect(histogramOf(new Float32Array(0)).counts).toEqual([]);
  expect(histogramOf(Float32Array.of(Number.NaN))).toMatchObject({ counts: [], notFinite: 1 });
});

test("every finite number is in one bin", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6 }), { maxLength: 200 }), (numbers) => {
      const { counts, notFinite, size } = histogramOf(Float64Array.from(numbers));
      expect(counts.reduce((sum, count) => sum + count, 0) + notFinite).toBe(size);
    }),
  );
});

test.each([1, 1e-170, 1e170, 1e307])(
  "numbers in units of %d have the shape of those in units of 1",
  (unit) => {
    const numbers = [-9, -3.5, 0, 1, 2.25, 9.5, 17];
    const plain = histogramOf(Float64Array.from(numbers));
    const scaled = histogramOf(Float64Array.from(numbers, (value) => value * unit));
    expect(scaled.counts).toEqual(plain.counts);
    expect(scaled.mean / unit).toBeCloseTo(plain.mean, 12);
    expect(scaled.deviation / unit).toBeCloseTo(plain.deviation, 12);
    expect(zeroShare(scaled)).toBeCloseTo(9 / 26, 12);
  },
);

test("the ends of float64", () => {
  const { counts, mean, deviation } = histogramOf(Float64Array.of(-Number.MAX_VALUE, Number.MAX_VALUE));
  expect([counts[0], counts[27], mean, deviation]).toEqual([1, 1, 0, Number.MAX_VALUE]);
  const least = histogramOf(Float64Array.of(0, Number.MIN_VALUE));
  expect([least.counts[0], least.counts[27]]).toEqual([1, 1]);
  expect(zeroShare(least)).toBeUndefined();
});
