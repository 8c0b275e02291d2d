import { describe, expect, test } from "vitest";
import { denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { logLogSlope } from "../statistics/log-log-slope.ts";
import { denseKernel } from "./dense-kernel.ts";
import { kernelGradientDescent } from "./kernel-gradient-descent.ts";
import { randomFeatures } from "./random-features.ts";
import { rbfKernel } from "./rbf-kernel.ts";

const line = denseMatrix([0, 1, 3], 3, 1);

describe("rbfKernel", () => {
  test("depends on distances in units of the length scale, up to the ends of float64", () => {
    const [x, y] = [
      [0, 1, 2.5, -3],
      [1, 0.5],
    ];
    const one = rbfKernel(denseMatrix(x, 2, 2), denseMatrix(y, 1, 2), { lengthScale: 1.5 });
    for (const unit of [2 ** -1000, 2 ** -600, 2 ** 450, 2 ** 1000]) {
      const scaled = (values: number[], rows: number) =>
        denseMatrix(
          values.map((value) => unit * value),
          rows,
          2,
        );
      const kernel = rbfKernel(scaled(x, 2), scaled(y, 1), { lengthScale: 1.5 * unit });
      kernel.values.forEach((value, i) => {
        expect(value).toBeCloseTo(one.values[i], 14);
      });
    }
    expect(() => rbfKernel(denseMatrix(x, 2, 2), undefined, { lengthScale: 1e-200 })).toThrow(
      "X must have rows of finite squared norm",
    );
    const most = Number.MAX_VALUE;
    const [same, apart] = rbfKernel(denseMatrix([most, 0], 2, 1), undefined, { lengthScale: most }).values;
    expect(same).toBe(1);
    expect(apart).toBeCloseTo(Math.exp(-0.5), 14);
  });

  test("gives the values of the formula", () => {
    const [near, middle, far] = [1, 4, 9].map((square) => Math.exp(-square / 8));
    const expected = [1, near, far, near, 1, middle, far, middle, 1];
    rbfKernel(line, undefined, { lengthScale: 2 }).values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 14);
    });
    expect(rbfKernel(line, denseMatrix([0], 1, 1))).toMatchObject({ rows: 3, columns: 1 });
  });

  test.each([100, 1e4, 2 ** 30, 2 ** 45])("does not depend on an offset of all points by %d", (offset) => {
    // multiples of 1/8, to which the offset is added without rounding
    const points = (seed: number, rows: number) => {
      const numbers = randomStream(seed).fillNormal(new Float64Array(2 * rows));
      return numbers.map((value) => Math.round(8 * value) / 8);
    };
    const [x, y] = [points(1, 7), points(2, 5)];
    const moved = (numbers: Float64Array) =>
      denseMatrix(
        numbers.map((value) => value + offset),
        numbers.length / 2,
        2,
      );
    const square = (a: Float64Array, i: number, b: Float64Array, j: number) =>
      (a[2 * i] - b[2 * j]) ** 2 + (a[2 * i + 1] - b[2 * j + 1]) ** 2;
    const [between, within] = [rbfKernel(moved(x), moved(y)), rbfKernel(moved(x))];
    between.values.forEach((value, k) => {
      expect(value).toBeCloseTo(Math.exp(-square(x, Math.floor(k / 5), y, k % 5) / 2), 12);
    });
    within.values.forEach((value, k) => {
      expect(value).toBeCloseTo(Math.exp(-square(x, Math.floor(k / 7), x, k % 7) / 2), 12);
    });
  });

  test("keeps digits of far points however many they are, and however near the distance at which they are moved", () => {
    const [n, d] = [1000, 2];
    const stream = randomStream(3);
    const spread = stream.fillNormal(new Float64Array(n * d));
    for (const offset of [2 ** 7, 2 ** 13]) {
      // rounded to what the sums with the offset are, so that differences are exact
      const values = spread.map((value) => value + offset);
      const Y = denseMatrix(values, n, d);
      const X = denseMatrix(values.slice(0, 3 * d), 3, d);
      const kernel = rbfKernel(X, Y, { lengthScale: 4 });
      let worst = 0;
      kernel.values.forEach((found, k) => {
        const [i, j] = [Math.floor(k / n), k % n];
        const square = (values[d * i] - values[d * j]) ** 2 + (values[d * i + 1] - values[d * j + 1]) ** 2;
        worst = Math.max(worst, Math.abs(found - Math.exp(-square / 32)));
      });
      expect(worst).toBeLessThan(1e-14);
    }
  });

  test("regression with it interpolates, and refuses what does not fit", () => {
    const y = Float64Array.of(1, -1, 2);
    const cross = rbfKernel(denseMatrix([1], 1, 1), line);
    const { train, test: at } = kernelGradientDescent(rbfKernel(line), y, {
      time: Number.POSITIVE_INFINITY,
      testKernel: cross,
    });
    train.forEach((value, i) => {
      expect(value).toBeCloseTo(y[i], 12);
    });
    expect(at[0]).toBeCloseTo(-1, 12);
    expect(() => rbfKernel(line, denseMatrix([0, 0], 1, 2))).toThrow("as many columns as X, 1, got 2");
    expect(() => rbfKernel(line, line, { lengthScale: 0 })).toThrow(
      "lengthScale must be a positive number, got 0",
    );
  });
});

describe("randomFeatures", () => {
  test("their kernel tends to K like count^(-1/2), also where K is singular", async () => {
    const points = denseMatrix([1, 0, 0, 1, -1, 0, 1, 0], 4, 2);
    const K = await denseKernel({ depth: 3 }).ntk(points);
    const counts = [100, 1000, 10_000, 100_000];
    const errors = counts.map((count) => {
      const { kernel } = randomFeatures(K, { count, stream: randomStream(1) });
      return Math.sqrt(kernel.values.reduce((sum, value, i) => sum + (value - K.values[i]) ** 2, 0));
    });
    const { slope } = logLogSlope(counts, errors);
    expect(slope).toBeGreaterThan(-0.75);
    expect(slope).toBeLessThan(-0.3);
    expect(errors[3]).toBeLessThan(0.01);
  });

  test("copies of a point have the same feature; counts below one are refused", () => {
    const K = denseMatrix([2, 2, 2, 2], 2, 2);
    const {
      features: { values: features },
    } = randomFeatures(K, { count: 3, stream: randomStream(2) });
    for (let p = 0; p < 3; p++) expect(features[2 * p]).toBeCloseTo(features[2 * p + 1], 7);
    expect(() => randomFeatures(K, { count: 0, stream: randomStream(2) })).toThrow(
      "count must be a positive integer",
    );
  });
});
