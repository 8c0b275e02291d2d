import fc from "fast-check";
import { expect, test } from "vitest";
import { histogramOf } from "./histogram.ts";

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
