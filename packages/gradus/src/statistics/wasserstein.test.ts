import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { slicedWassersteinDistance, wassersteinDistance } from "./wasserstein.ts";

const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 });

describe("wassersteinDistance", () => {
  test("agrees with scipy.stats.wasserstein_distance (SciPy 1.17.1), sizes differing", () => {
    expect(wassersteinDistance([0, 1, 3, 3.5, 7], [5, 6, 8])).toBeCloseTo(3.4333333333333336, 14);
    expect(wassersteinDistance([0, 1, 3], [5, 6, 8.5, -2])).toBeCloseTo(4.041666666666666, 14);
  });

  test("is the area between the distribution functions for order 1", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        let area = 0;
        const share = (values: number[], t: number) => values.filter((v) => v <= t).length / values.length;
        for (let t = -50; t < 50; t++) area += Math.abs(share(a, t) - share(b, t));
        expect(wassersteinDistance(a, b)).toBeCloseTo(area, 10);
      }),
    );
  });

  test.each([1, 1.5, 2, 3])("of order %d is the shift between a sample and itself shifted", (order) => {
    fc.assert(
      fc.property(sample, fc.integer({ min: -9, max: 9 }), (a, shift) => {
        const moved = a.map((value) => value + shift).reverse();
        expect(wassersteinDistance(a, moved, { order })).toBeCloseTo(Math.abs(shift), 12);
        expect(wassersteinDistance([...a, ...a], moved, { order })).toBeCloseTo(Math.abs(shift), 12);
      }),
    );
  });

  test("rejects empty samples and orders below 1", () => {
    expect(() => wassersteinDistance([], [1])).toThrow(DataError);
    expect(() => wassersteinDistance([1], [Number.NaN])).toThrow("b must be finite, got NaN at index 0");
    expect(() => wassersteinDistance([1], [1], { order: 0.5 })).toThrow(ArgumentError);
  });
});

describe("slicedWassersteinDistance", () => {
  test("of order 2 between a sample and itself shifted by v is |v| / sqrt(d) in the mean", () => {
    const [n, d] = [50, 6];
    const x = randomStream(1).fillNormal(new Float64Array(n * d));
    const shift = [3, 0, 0, 4, 0, 0];
    const y = x.map((value, k) => value + shift[k % d]);
    const directions = 4000;
    const distance = slicedWassersteinDistance(denseMatrix(x, n, d), denseMatrix(y, n, d), {
      directions,
      seed: 2,
    });
    // <u, v>^2 / |v|^2 on the sphere has mean 1/d and variance 2 (d - 1) / (d^2 (d + 2))
    const error = Math.sqrt((2 * 5) / (36 * 8) / directions);
    expect(Math.abs(distance ** 2 / 25 - 1 / d)).toBeLessThan(5 * error);
  });

  test("is the distance itself on the line, and 0 for the same points in another order", () => {
    const [a, b] = [Float64Array.of(1, 5, 2), Float64Array.of(0, 7)];
    for (const order of [1, 2])
      expect(
        slicedWassersteinDistance(denseMatrix(a, 3, 1), denseMatrix(b, 2, 1), { order, seed: 1 }),
      ).toBeCloseTo(wassersteinDistance(a, b, { order }), 13);
    const points = denseMatrix([1, 2, 3, 4, 5, 6], 3, 2);
    const turned = denseMatrix([5, 6, 1, 2, 3, 4], 3, 2);
    expect(slicedWassersteinDistance(points, turned, { seed: 1 })).toBeLessThan(1e-12);
  });

  test("rejects points that do not fit", () => {
    const x = denseMatrix(new Float64Array(4), 2, 2);
    expect(() => slicedWassersteinDistance(x, denseMatrix([1, 2, 3], 1, 3), { seed: 1 })).toThrow(
      "y must have d = 2 columns like x, got 3",
    );
    expect(() => slicedWassersteinDistance(x, x, { seed: 1, directions: 0 })).toThrow(ArgumentError);
    expect(() => slicedWassersteinDistance(x, denseMatrix([], 0, 2), { seed: 1 })).toThrow(DataError);
  });
});

test.each([1, 1.5, 2, 10, 300])(
  "of order %d is in the unit of the samples, up to the ends of float64",
  (order) => {
    const [a, b] = [
      [1, 2, 3.5],
      [2, 5],
    ];
    const x = denseMatrix(randomStream(1).fillNormal(new Float64Array(20)), 10, 2);
    const y = denseMatrix(randomStream(2).fillNormal(new Float64Array(16)), 8, 2);
    const scaled = (m: typeof x, unit: number) => ({ ...m, values: m.values.map((v) => unit * v) });
    const distance = wassersteinDistance(a, b, { order });
    const sliced = slicedWassersteinDistance(x, y, { order, seed: 3 });
    expect(distance).toBeGreaterThan(1);
    for (const unit of [2 ** -1000, 2 ** -500, 2 ** 500, 2 ** 1000]) {
      const moved = [a, b].map((sample) => sample.map((value) => unit * value));
      expect(wassersteinDistance(moved[0], moved[1], { order }) / unit / distance).toBeCloseTo(1, 12);
      const far = slicedWassersteinDistance(scaled(x, unit), scaled(y, unit), { order, seed: 3 });
      expect(far / unit / sliced).toBeCloseTo(1, 12);
    }
  },
);
