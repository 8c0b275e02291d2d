import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import {
  localBatchEigenvalue,
  maxBatchLearningRate,
  minimalDamping,
  scaleLearningRate,
} from "./learning-rates.ts";
import { findMaxStableRate, maxStableRate, type StableInterval } from "./max-stable-rate.ts";

const place = { lambdaMax: 4, hessianVariance: 64, datasetSize: 1e6, replacement: true };

describe("the largest learning rate", () => {
  test("grows like the square root of the batch under the noise, and levels off at 2 / lambda_1", () => {
    const rates = [1, 2, 4, 8, 64, 4096].map((batchSize) => maxBatchLearningRate({ ...place, batchSize }));
    expect(rates.map(({ criticalBatch }) => criticalBatch)).toEqual([4, 4, 4, 4, 4, 4]);
    expect(rates.map(({ regime }) => regime)).toEqual([
      "noise",
      "noise",
      "noise",
      "curvature",
      "curvature",
      "curvature",
    ]);
    // sqrt(b) / s with s = 8
    expect(rates[0].rate).toBeCloseTo(1 / 8, 14);
    expect(rates[1].rate).toBeCloseTo(Math.SQRT2 / 8, 14);
    // half of 2 / lambda_1 at the critical batch
    expect(rates[2].rate).toBeCloseTo(0.25, 14);
    expect(rates[3].rate).toBeCloseTo(2 / (4 + 64 / (8 * 4)), 14);
    expect(rates[5].rate).toBeCloseTo(0.5, 3);
  });

  test("is that of the full data for a batch of all", () => {
    const whole = { ...place, replacement: false, batchSize: 100, datasetSize: 100 };
    expect(maxBatchLearningRate(whole)).toMatchObject({ rate: 0.5, regime: "curvature" });
    expect(maxBatchLearningRate({ ...whole, optimizer: "momentum", momentum: 0.5 }).rate).toBe(0.75);
  });

  test("of the heavy ball is where its iteration on the batch's curvature stops contracting", () => {
    const momentum = 0.6;
    const options = { ...place, hessianVariance: 0, batchSize: 1, optimizer: "momentum", momentum } as const;
    const { rate } = maxBatchLearningRate(options);
    const grows = (alpha: number): boolean => {
      let [w, v] = [1, 0];
      for (let step = 0; step < 2000; step++) {
        v = momentum * v - alpha * 4 * w;
        w += v;
      }
      return Math.abs(w) > 1;
    };
    expect(grows(rate * 0.99)).toBe(false);
    expect(grows(rate * 1.01)).toBe(true);
    // a velocity of noise adds 1 / (1 - rho) steps to one
    const noisy = { ...place, batchSize: 1, optimizer: "momentum", momentum } as const;
    expect(maxBatchLearningRate(noisy).rate).toBeCloseTo(0.4 / 8, 14);
    expect(maxBatchLearningRate({ ...place, batchSize: 1, optimizer: "adaptive" }).rate).toBeCloseTo(
      0.125,
      14,
    );
  });

  test("refuses what it cannot take", () => {
    expect(() => maxBatchLearningRate({ ...place, batchSize: 0 })).toThrow("batchSize");
    expect(() => maxBatchLearningRate({ ...place, batchSize: 1, lambdaMax: -1 })).toThrow("lambdaMax");
    expect(() => maxBatchLearningRate({ ...place, batchSize: 1, hessianVariance: Number.NaN })).toThrow(
      "hessianVariance",
    );
    expect(() =>
      maxBatchLearningRate({ ...place, batchSize: 1, optimizer: "momentum", momentum: 1 }),
    ).toThrow("momentum must be in [0, 1), got 1");
    expect(() => maxBatchLearningRate({ ...place, batchSize: 1, momentum: 0.5 })).toThrow(
      "momentum must be 0 for the optimizer sgd, got 0.5",
    );
  });
});

describe("the smallest damping", () => {
  test("keeps a damped step on a batch's curvature from growing, and no less does", () => {
    const options = { learningRate: 1.5, lambda: 2, hessianVariance: 16, effectiveBatch: 3 };
    const damping = minimalDamping(options);
    const factor = (delta: number) => Math.abs(1 - (1.5 / (2 + delta)) * (2 + 16 / (3 * 2)));
    expect(factor(damping)).toBeCloseTo(1, 13);
    expect(factor(damping * 1.01)).toBeLessThan(1);
    expect(factor(damping * 0.99)).toBeGreaterThan(1);
  });

  test("is proportional to learning rate over batch size where noise leads, and 0 where it is little", () => {
    const at = (effectiveBatch: number) =>
      minimalDamping({ learningRate: 2, lambda: 2, hessianVariance: 16, effectiveBatch });
    expect(at(1)).toBe(8);
    expect(at(4)).toBe(2);
    expect(at(Number.POSITIVE_INFINITY)).toBe(0);
    const gentle = { learningRate: 0.5, lambda: 2, hessianVariance: 16, effectiveBatch: 100 };
    expect(minimalDamping(gentle)).toBe(0);
    expect(() => minimalDamping({ ...gentle, learningRate: 0 })).toThrow("learningRate");
    expect(() => minimalDamping({ ...gentle, effectiveBatch: -1 })).toThrow(ArgumentError);
  });
});

test("the local predictor is the mean extreme eigenvalue of small noise, over all signs of it", () => {
  // [[lambda, e], [e, 0]] has the eigenvalue lambda/2 + sqrt(lambda^2/4 + e^2), for both signs of e
  const [lambda, e] = [3, 0.01];
  const exact = lambda / 2 + Math.sqrt(lambda ** 2 / 4 + e ** 2);
  expect(localBatchEigenvalue({ lambda, across: e ** 2, effectiveBatch: 1 })).toBeCloseTo(exact, 9);
  expect(localBatchEigenvalue({ lambda: -3, across: 9, effectiveBatch: 3 })).toBe(-4);
  expect(() => localBatchEigenvalue({ lambda: 0, across: 1, effectiveBatch: 1 })).toThrow("lambda");
});

test("the scaling rules", () => {
  expect(scaleLearningRate(0.1, 8, 32, "linear")).toBeCloseTo(0.4, 15);
  expect(scaleLearningRate(0.1, 8, 32, "sqrt")).toBeCloseTo(0.2, 15);
  expect(scaleLearningRate(0.1, 8, 32, "constant")).toBe(0.1);
  expect(scaleLearningRate(0.1, 32, 8, "linear")).toBeCloseTo(0.025, 15);
  expect(() => scaleLearningRate(0, 8, 32, "linear")).toThrow("learningRate must be a finite number > 0");
  expect(() => scaleLearningRate(0.1, 8, 1.5, "sqrt")).toThrow(
    "toBatch must be a whole number >= 1, got 1.5",
  );
});

describe("bisection", () => {
  test("finds the border of stability of gradient descent on a quadratic, to the width of its interval", async () => {
    const train = async (rate: number) => {
      let w = 1;
      for (let step = 0; step < 4000; step++) w -= rate * 5 * w;
      return (5 * w * w) / 2;
    };
    const found = await findMaxStableRate(train, { low: 0.01, high: 10, halvings: 12, threshold: 2.5 });
    expect(found.runs).toBe(14);
    expect(found.unstable / found.stable).toBeCloseTo(1000 ** (1 / 4096), 12);
    expect(found.stable).toBeLessThan(0.4);
    expect(found.unstable).toBeGreaterThanOrEqual(0.4);
    expect(found.rate ** 2).toBeCloseTo(found.stable * found.unstable, 14);
  });

  test("shows the interval as it halves around the border, and goes on from any iterate", async () => {
    const train = async (rate: number) => (rate < 3 ? 0 : 5);
    const options = { low: 1, high: 16, halvings: 4 };
    const seen: [number, number, number][] = [];
    let second: StableInterval | undefined;
    for await (const { iteration, state, stable, unstable, runs } of maxStableRate(train, options)) {
      seen.push([stable, unstable, runs]);
      if (iteration === 2) second = state;
    }
    // On a logarithmic axis, each time at the middle: 4, 2, 2^1.5, 2^1.75.
    expect(seen.map(([, , runs]) => runs)).toEqual([2, 3, 4, 5, 6]);
    const bounds = seen.map(([stable, unstable]) => [Math.log2(stable), Math.log2(unstable)]);
    for (const [k, wanted] of [
      [0, 4],
      [0, 2],
      [1, 2],
      [1.5, 2],
      [1.5, 1.75],
    ].entries())
      for (const side of [0, 1]) expect(bounds[k][side]).toBeCloseTo(wanted[side], 12);
    if (!second) throw new Error("there was no second halving");
    const resumed = solve(maxStableRate(train, { ...options, resume: { iteration: 2, state: second } }));
    const whole = await findMaxStableRate(train, options);
    expect((await resumed).iterate).toMatchObject(whole);
  });

  test("names the end on the wrong side, and takes NaN for a failure", async () => {
    await expect(findMaxStableRate(async () => 2, { low: 1, high: 2 })).rejects.toThrow(
      "low must be a rate that works: at 1 the loss ends at 2, wanted below 1",
    );
    await expect(findMaxStableRate(async () => 0.5, { low: 1, high: 2 })).rejects.toThrow(
      "high must be a rate that does not work: at 2 the loss ends at 0.5",
    );
    const found = await findMaxStableRate(async (rate) => (rate < 3 ? 0 : Number.NaN), { low: 1, high: 9 });
    expect(found.stable).toBeLessThan(3);
    expect(found.unstable).toBeGreaterThanOrEqual(3);
    await expect(findMaxStableRate(async () => 0, { low: 2, high: 1 })).rejects.toThrow("low must be below");
    await expect(findMaxStableRate(async () => 0, { low: 0, high: 1 })).rejects.toThrow(ArgumentError);
    await expect(findMaxStableRate(async () => 0, { low: 1, high: 2, halvings: -1 })).rejects.toThrow(
      "halvings",
    );
    const signal = AbortSignal.abort(new Error("closed"));
    await expect(findMaxStableRate(async () => 0, { low: 1, high: 2, signal })).rejects.toThrow("closed");
  });
});
