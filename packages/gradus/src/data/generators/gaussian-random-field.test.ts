import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { type GaussianRandomField, gaussianRandomField } from "./gaussian-random-field.ts";

/** Mean over functions of the largest distance from the piecewise linear interpolant on m + 1 even points. */
function interpolationError(field: GaussianRandomField, count: number, m: number, seed: number): number {
  const n = field.grid.length;
  const step = (n - 1) / m;
  const u = field.sample(randomStream(seed), count);
  let total = 0;
  for (let s = 0; s < count; s++) {
    let worst = 0;
    for (let i = 0; i < n; i++) {
      const left = Math.min(Math.floor(i / step), m - 1) * step;
      const share = (i - left) / step;
      const line = (1 - share) * u[s * n + left] + share * u[s * n + left + step];
      worst = Math.max(worst, Math.abs(u[s * n + i] - line));
    }
    total += worst;
  }
  return total / count;
}

describe("gaussianRandomField", () => {
  test("the squared-exponential kernel is met to rounding, with few normal numbers a function", () => {
    const points = 201;
    const field = gaussianRandomField({ points, end: 2, lengthScale: 0.3 });
    expect(field.rank).toBeLessThan(45);
    // unit vectors as the normal numbers bring out the factor's rows
    const factor = Array.from({ length: field.rank }, (_, k) => {
      const stream = randomStream(1);
      stream.fillNormal = <A extends Float64Array | Float32Array>(z: A): A => {
        z.fill(0);
        z[k] = 1;
        return z;
      };
      return field.sample(stream);
    });
    for (let i = 0; i < points; i += 5)
      for (let j = 0; j <= i; j += 5) {
        const covariance = factor.reduce((sum, row) => sum + row[i] * row[j], 0);
        const r = (2 * (i - j)) / (points - 1);
        expect(Math.abs(covariance - Math.exp(-(r * r) / (2 * 0.09)))).toBeLessThan(1e-13);
      }
  });

  // mean interpolation errors of 400 functions on 1001 nodes, l = 0.2, measured with NumPy's Cholesky factorization
  test.each([
    [10, 8.7e-2],
    [20, 2.3e-2],
    [40, 5.9e-3],
  ])("on %i pieces its functions are as far from linear as an independent sampler's", (m, expected) => {
    const field = gaussianRandomField({ points: 1001, lengthScale: 0.2 });
    for (const seed of [1, 2])
      expect(Math.abs(interpolationError(field, 400, m, seed) / expected - 1)).toBeLessThan(0.1);
  });

  test("the exponential kernel has unit variance and correlation e^(-r/l)", () => {
    const count = 20_000;
    const field = gaussianRandomField({ points: 11, lengthScale: 0.5, kernel: "exponential" });
    const u = field.sample(randomStream(2), count);
    for (const [a, b] of [
      [0, 0],
      [10, 10],
      [3, 4],
      [0, 5],
      [2, 10],
    ]) {
      let product = 0;
      for (let s = 0; s < count; s++) product += u[11 * s + a] * u[11 * s + b];
      const expected = Math.exp(-Math.abs(a - b) / 10 / 0.5);
      expect(Math.abs(product / count - expected)).toBeLessThan(5 * Math.sqrt((1 + expected ** 2) / count));
    }
  });

  // sample covariances against values of the kernels in closed form
  test.each([
    ["matern-3/2", (r: number) => (1 + (Math.sqrt(3) * r) / 0.5) * Math.exp((-Math.sqrt(3) * r) / 0.5)],
    [
      "matern-5/2",
      (r: number) =>
        (1 + (Math.sqrt(5) * r) / 0.5 + (5 * r * r) / 0.75) * Math.exp((-Math.sqrt(5) * r) / 0.5),
    ],
    ["periodic", (r: number) => Math.exp((Math.cos(2 * Math.PI * r) - 1) / 0.25)],
  ] as const)("the %s kernel has its covariance", (kernel, covariance) => {
    const count = 20_000;
    const field = gaussianRandomField({ points: 11, lengthScale: 0.5, kernel });
    const u = field.sample(randomStream(2), count);
    for (const [a, b] of [
      [0, 0],
      [3, 4],
      [0, 5],
      [2, 10],
    ]) {
      let product = 0;
      for (let s = 0; s < count; s++) product += u[11 * s + a] * u[11 * s + b];
      const expected = covariance(Math.abs(a - b) / 10);
      expect(Math.abs(product / count - expected)).toBeLessThan(5 * Math.sqrt((1 + expected ** 2) / count));
    }
  });

  test("functions of the periodic kernel close", () => {
    const u = gaussianRandomField({ points: 101, lengthScale: 1, kernel: "periodic" }).sample(
      randomStream(4),
    );
    expect(Math.abs(u[100] - u[0])).toBeLessThan(1e-6);
    expect(Math.abs(u[50] - u[0])).toBeGreaterThan(0.01);
  });

  test("functions come one after another: many at once are the same as one by one", () => {
    for (const kernel of ["squared-exponential", "exponential"] as const) {
      const field = gaussianRandomField({ points: 8, kernel });
      const [many, single] = [randomStream(3), randomStream(3)];
      const both = field.sample(many, 2);
      expect(both.subarray(0, 8)).toEqual(field.sample(single));
      expect(both.subarray(8)).toEqual(field.sample(single));
    }
  });

  test("rejects grids and lengths that are none", () => {
    expect(() => gaussianRandomField({ points: 1 })).toThrow(
      "points must be an integer of at least 2, got 1",
    );
    expect(() => gaussianRandomField({ points: 5, lengthScale: 0 })).toThrow(ArgumentError);
    expect(() => gaussianRandomField({ points: 5, end: -1 })).toThrow(
      "end must be a positive number, got -1",
    );
    expect(() => gaussianRandomField({ points: 5, period: 1 })).toThrow(
      'period is an option of the periodic kernel, got the kernel "squared-exponential"',
    );
  });
});
