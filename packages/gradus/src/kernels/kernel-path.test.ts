import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { kernelPath } from "./kernel-path.ts";
import { discrepancyStop, estimateNoise, localComplexityStop, stepGrid, sureStop } from "./stopping.ts";
import { twoLayerKernel } from "./two-layer-kernel.ts";

const pair = denseMatrix([1, 0, 0.2, 1, 0, 1, 0.4, 1], 2, 4);
const labels = Float64Array.of(1, -1, 0, 2);

async function random(n: number, seed: number) {
  const points = randomStream(seed).fillNormal(new Float64Array(n * 3));
  const X = denseMatrix(
    Float64Array.from({ length: n * 4 }, (_, k) =>
      k % 4 === 3 ? 1 : points[3 * Math.floor(k / 4) + (k % 4)],
    ),
    n,
    4,
  );
  return { X, K: await twoLayerKernel(X), y: randomStream(seed + 1).fillNormal(new Float64Array(2 * n)) };
}

describe("the kernel of a network with a fixed output layer", () => {
  test("has the worked values, an exact diagonal, and the formula's by the angle", async () => {
    const { values } = await twoLayerKernel(pair);
    expect(values[0]).toBeCloseTo(1.02, 14);
    expect(values[3]).toBeCloseTo(1.08, 14);
    expect(values[1]).toBeCloseTo(0.36289127, 8);
    const { X, K } = await random(12, 5);
    for (let i = 0; i < 12; i++)
      for (let j = 0; j < 12; j++) {
        const [u, v] = [X.values.subarray(4 * i, 4 * i + 4), X.values.subarray(4 * j, 4 * j + 4)];
        const inner = u.reduce((sum, one, k) => sum + one * v[k], 0);
        const [a, b] = [u, v].map((w) => w.reduce((sum, one) => sum + one * one, 0));
        const angle = i === j ? 0 : Math.atan2(Math.sqrt(a * b - inner * inner), inner);
        expect(K.values[12 * i + j]).toBeCloseTo((inner * (Math.PI - angle)) / (2 * Math.PI), 12);
      }
  });

  test("is the limit of finite networks", async () => {
    const m = 200_000;
    const w = randomStream(8).fillNormal(new Float64Array(4 * m));
    let both = 0;
    for (let r = 0; r < m; r++) {
      const [p, q] = [0, 1].map((i) =>
        pair.values.subarray(4 * i, 4 * i + 4).reduce((sum, z, c) => sum + z * w[4 * r + c], 0),
      );
      if (p >= 0 && q >= 0) both += 1;
    }
    const share = (Math.PI - Math.acos(1.08 / Math.sqrt(2.04 * 2.16))) / (2 * Math.PI);
    expect(Math.abs(both / m - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / m));
    expect((await twoLayerKernel(pair)).values[1]).toBeCloseTo(1.08 * share, 12);
  });

  test("refuses a row of zeros", async () => {
    await expect(twoLayerKernel(denseMatrix([1, 0, 0, 0], 2, 2))).rejects.toThrow(
      /X must not have a row of zeros, got one at row 1/,
    );
    await expect(twoLayerKernel(pair, denseMatrix([1, 1], 1, 2))).rejects.toThrow(ArgumentError);
  });
});

describe("the path of kernel gradient descent", () => {
  test("has the worked values after three steps", async () => {
    const path = kernelPath(await twoLayerKernel(pair), labels, { learningRate: 0.5 });
    [0.56823438, -0.27066251, 0.14878593, 1.03688299].forEach((value, k) => {
      expect(path.train(3)[k]).toBeCloseTo(value, 8);
    });
  });

  test("agrees with the recursion, on the data and away from them, from any start", async () => {
    const { X, K, y } = await random(15, 1);
    const further = denseMatrix(
      X.values.slice(0, 12).map((x, k) => (k % 4 === 3 ? 1 : x + 0.3)),
      3,
      4,
    );
    const cross = await twoLayerKernel(further, X);
    const f0 = y.map((v) => 0.3 * Math.sin(5 * v));
    const start = Float64Array.of(0.1, 0.2, 0.3, -0.4, 0.5, 0.6);
    const path = kernelPath(K, y, { f0 });
    let f = f0.slice();
    const g = start.slice();
    for (let s = 1; s <= 40; s++) {
      const error = f.map((v, k) => v - y[k]);
      const move = (row: Float64Array, c: number) =>
        (path.learningRate / 15) * row.reduce((sum, v, j) => sum + v * error[2 * j + c], 0);
      for (let k = 0; k < g.length; k++)
        g[k] -= move(cross.values.subarray(15 * (k >> 1), 15 * ((k >> 1) + 1)), k & 1);
      f = f.map((v, k) => v - move(K.values.subarray(15 * (k >> 1), 15 * ((k >> 1) + 1)), k & 1));
      if (s !== 7 && s !== 40) continue;
      path.train(s).forEach((v, k) => {
        expect(v).toBeCloseTo(f[k], 12);
      });
      path.predict(cross, [1, s], start)[1].forEach((v, k) => {
        expect(v).toBeCloseTo(g[k], 12);
      });
      expect(path.meanSquaredResidual(s)).toBeCloseTo(
        f.reduce((sum, v, k) => sum + (v - y[k]) ** 2, 0) / 30,
        12,
      );
    }
  });

  test("ends at the interpolant with N degrees of freedom", async () => {
    const { K, y } = await random(10, 3);
    const path = kernelPath(K, y);
    path.train(Number.POSITIVE_INFINITY).forEach((v, k) => {
      expect(v).toBeCloseTo(y[k], 9);
    });
    path.predict(K, [Number.POSITIVE_INFINITY])[0].forEach((v, k) => {
      expect(v).toBeCloseTo(y[k], 8);
    });
    expect(path.degreesOfFreedom(Number.POSITIVE_INFINITY)).toBe(10);
    expect(path.degreesOfFreedom(1)).toBeCloseTo(
      path.eigenvalues.reduce((sum, value) => sum + value, 0) / path.eigenvalues[0],
      12,
    );
  });

  test("refuses learning rates at which training diverges, and sizes that do not fit", async () => {
    const { K, y } = await random(6, 2);
    const limit = 2 / kernelPath(K, y).eigenvalues[0];
    expect(() => kernelPath(K, y, { learningRate: limit })).toThrow(/below 2 \/ lambda_max\(K\/N\) = .*got/);
    expect(() => kernelPath(K, y, { learningRate: -1 })).toThrow(/learningRate must be a positive/);
    expect(() => kernelPath(K, y.subarray(1))).toThrow(ArgumentError);
    expect(() => kernelPath(K, y.with(3, Number.NaN))).toThrow(DataError);
    expect(() => kernelPath(denseMatrix(new Float64Array(4), 2, 2), Float64Array.of(1, 2))).toThrow(
      /not be 0/,
    );
    expect(() => kernelPath(K, y).train(1.5)).toThrow(
      /steps must be a non-negative integer or Infinity, got 1.5/,
    );
  });
});

describe("the stopping rules", () => {
  const powers = (n: number, exponent: number) =>
    Float64Array.from({ length: n }, (_, i) => (i + 1) ** -exponent);

  test("of local complexity have the worked values", () => {
    expect(localComplexityStop(powers(100, 2), { noise: 0.2, learningRate: 1 })).toBe(12);
    expect(localComplexityStop(powers(100, 1.5), { noise: 0.2, learningRate: 1 })).toBe(8);
    expect(localComplexityStop(powers(400, 2), { noise: 0.2, learningRate: 0.5 })).toBe(63);
    expect(localComplexityStop(powers(10, 2), { noise: 0, learningRate: 1, maxSteps: 77 })).toBe(77);
  });

  test("of local complexity scale with the kernel, and stop earlier with more noise", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (c, noise, more) => {
          const values = powers(60, 1.7);
          const steps = localComplexityStop(values, { noise, learningRate: 0.7 });
          const scaled = localComplexityStop(
            values.map((v) => c * v),
            { noise: noise * Math.sqrt(c), learningRate: 0.7 / c },
          );
          // rounding may move a step at equality
          expect(Math.abs(scaled - steps)).toBeLessThanOrEqual(1);
          expect(localComplexityStop(values, { noise: noise * more, learningRate: 0.7 })).toBeLessThanOrEqual(
            steps,
          );
        },
      ),
    );
  });

  test("by an unbiased risk, the discrepancy and cross-validation find noise of a known level", async () => {
    const n = 300;
    const { X, K } = await random(n, 9);
    const noise = 0.5;
    const errors = randomStream(4).fillNormal(new Float64Array(2 * n));
    const truth = Float64Array.from({ length: 2 * n }, (_, k) => Math.tanh(X.values[4 * (k >> 1) + (k & 1)]));
    const path = kernelPath(
      K,
      truth.map((v, k) => v + noise * errors[k]),
    );
    const excess = (steps: number) => path.train(steps).reduce((sum, v, k) => sum + (v - truth[k]) ** 2, 0);
    const grid = stepGrid(100_000, 1.1);
    const least = Math.min(...grid.map(excess));
    const { steps, risk } = sureStop(path, { noise, maxSteps: 100_000 });
    expect(excess(steps)).toBeLessThan(1.2 * least);
    // the estimate is of the prediction risk, sigma^2 above the excess
    expect(Math.abs(risk - noise ** 2 - excess(steps) / (2 * n))).toBeLessThan(
      4 * noise ** 2 * Math.sqrt(2 / (2 * n)),
    );
    const stop = discrepancyStop(path, { noise });
    expect(path.meanSquaredResidual(stop)).toBeLessThanOrEqual(noise ** 2);
    expect(path.meanSquaredResidual(stop - 1)).toBeGreaterThan(noise ** 2);
    expect(Math.abs(estimateNoise(path) / noise - 1)).toBeLessThan(0.1);
  });

  test("refuse what they cannot use", () => {
    const values = powers(3, 1);
    expect(() => localComplexityStop(values, { noise: -1, learningRate: 1 })).toThrow(
      /noise must be a non-negative/,
    );
    expect(() => localComplexityStop(values, { noise: 1, learningRate: 0 })).toThrow(
      /learningRate must be a positive/,
    );
    expect(() => localComplexityStop(values.with(1, -1), { noise: 1, learningRate: 1 })).toThrow(DataError);
    expect(() => localComplexityStop(new Float64Array(0), { noise: 1, learningRate: 1 })).toThrow(
      /at least one/,
    );
    expect(() => stepGrid(0)).toThrow(/maxSteps must be a positive integer/);
    expect(() => stepGrid(10, 1)).toThrow(/ratio/);
  });
});
