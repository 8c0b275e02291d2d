import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { randomStream } from "../../random/stream.ts";
import { localBatchEigenvalue } from "../batch/local-eigenvalue.ts";
import { stabilityThreshold } from "../stability/threshold.ts";
import { maxBatchLearningRate } from "./max-batch-learning-rate.ts";
import { maxStableLearningRate, type StableInterval } from "./max-stable-learning-rate.ts";
import { minimalDamping } from "./minimal-damping.ts";
import { scaleLearningRate } from "./scaling-rules.ts";

const place = { lambdaMax: 4, noise: { along: 24, across: 40 }, datasetSize: 1e6, replacement: true };

/** Rows of a linear model, some of them far longer than others, as gradients of trained networks are. */
function unevenRows(n: number, d: number, seed: number) {
  const stream = randomStream(seed);
  const values = stream.fillNormal(new Float64Array(n * d));
  for (let i = 0; i < n; i++) {
    const size = Math.exp(1.2 * stream.normal());
    for (let j = 0; j < d; j++) values[i * d + j] *= size / (1 + j);
  }
  return { rows: n, columns: d, values };
}

/** lambda_1, u and the variance of x_i x_i^T u, written out. */
function noiseOf({ rows: n, columns: d, values }: ReturnType<typeof unevenRows>) {
  const G = new Float64Array(d * d);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++) G[j * d + k] += (values[i * d + j] * values[i * d + k]) / n;
  let u = new Float64Array(d).fill(1);
  let lambdaMax = 0;
  for (let step = 0; step < 3000; step++) {
    const next = u.map((_, j) => u.reduce((sum, value, k) => sum + G[j * d + k] * value, 0));
    lambdaMax = Math.hypot(...next);
    u = next.map((value) => value / lambdaMax);
  }
  let [along, total, average] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const row = values.subarray(i * d, (i + 1) * d);
    const projection = row.reduce((sum, value, j) => sum + value * u[j], 0);
    along += (projection ** 2 - lambdaMax) ** 2 / (n - 1);
    for (let j = 0; j < d; j++) total += (projection * row[j] - lambdaMax * u[j]) ** 2 / (n - 1);
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++) average += (row[j] * row[k] - G[j * d + k]) ** 2 / ((n - 1) * d);
  }
  return { lambdaMax, noise: { along, across: total - along }, hessianVariance: average };
}

describe("the largest learning rate", () => {
  test.each([1, 2, 3])(
    "is near the exact threshold in mean square at every batch size, seed %d",
    async (seed) => {
      const J = unevenRows(60, 12, seed);
      const { lambdaMax, noise } = noiseOf(J);
      for (const batchSize of [1, 4, 16, 60]) {
        const { learningRate } = maxBatchLearningRate({ lambdaMax, noise, batchSize, datasetSize: 60 });
        const { learningRate: exact } = await stabilityThreshold(J, { batchSize });
        expect(learningRate / exact).toBeGreaterThan(0.8);
        expect(learningRate / exact).toBeLessThan(1.25);
      }
    },
  );

  test("is where SGD itself, one row at a time, stops returning to a minimum", () => {
    const J = unevenRows(60, 12, 4);
    const { rows: n, columns: d, values } = J;
    const { lambdaMax, noise } = noiseOf(J);
    const { learningRate } = maxBatchLearningRate({ lambdaMax, noise, batchSize: 1, datasetSize: n });
    const distanceAfter = (rate: number): number => {
      const stream = randomStream(9);
      const w = stream.fillNormal(new Float64Array(d));
      for (let step = 0; step < 20_000; step++) {
        const row = stream.integer(n) * d;
        let product = 0;
        for (let j = 0; j < d; j++) product += values[row + j] * w[j];
        for (let j = 0; j < d; j++) w[j] -= rate * product * values[row + j];
        if (!(Math.hypot(...w) < 1e6)) return Number.POSITIVE_INFINITY;
      }
      return Math.hypot(...w);
    };
    expect(distanceAfter(0.7 * learningRate)).toBeLessThan(0.5);
    expect(distanceAfter(4 * learningRate)).toBe(Number.POSITIVE_INFINITY);
  });

  test("grows in proportion to small batches, halves at the critical batch, and levels off at 2 / lambda_1", () => {
    const rates = [1, 2, 4, 8, 64, 4096].map((batchSize) => maxBatchLearningRate({ ...place, batchSize }));
    expect(rates.map(({ criticalBatch }) => criticalBatch)).toEqual([4, 4, 4, 4, 4, 4]);
    expect(rates.map(({ regime }) => regime)).toEqual([
      "noise",
      "noise",
      "curvature",
      "curvature",
      "curvature",
      "curvature",
    ]);
    expect(rates[0].learningRate).toBeCloseTo(2 / (4 + 16), 14);
    expect(rates[2].learningRate).toBeCloseTo(0.25, 14);
    expect(rates[5].learningRate).toBeCloseTo(0.5, 3);
  });

  test("is that of the full data for a batch of all", () => {
    const whole = { ...place, replacement: false, batchSize: 100, datasetSize: 100 };
    expect(maxBatchLearningRate(whole)).toMatchObject({ learningRate: 0.5, regime: "curvature" });
    expect(maxBatchLearningRate({ ...whole, momentum: 0.5 }).learningRate).toBeCloseTo(0.75, 14);
  });

  test("of the heavy ball is where the second moments of its iteration with noisy curvature stop contracting", () => {
    const [momentum, noise] = [0.6, { along: 9, across: 0 }];
    const { learningRate } = maxBatchLearningRate({ ...place, noise, batchSize: 1, momentum });
    // E w^2, E w w', E w'^2 of w'' = (1 + rho - alpha h) w' - rho w, h of mean 4 and variance 9
    const grows = (alpha: number): boolean => {
      let [aa, ab, bb] = [1, 0, 1];
      const a = 1 + momentum - 4 * alpha;
      for (let step = 0; step < 4000; step++)
        [aa, ab, bb] = [
          bb,
          a * bb - momentum * ab,
          (a * a + 9 * alpha ** 2) * bb - 2 * a * momentum * ab + momentum ** 2 * aa,
        ];
      return Math.abs(bb) > 1;
    };
    expect(grows(learningRate * 0.99)).toBe(false);
    expect(grows(learningRate * 1.01)).toBe(true);
  });

  test("refuses what it cannot take", () => {
    const options = { ...place, batchSize: 1 };
    expect(() => maxBatchLearningRate({ ...options, batchSize: 0 })).toThrow("batchSize");
    expect(() => maxBatchLearningRate({ ...options, lambdaMax: -1 })).toThrow("lambdaMax");
    expect(() => maxBatchLearningRate({ ...options, noise: { along: Number.NaN, across: 1 } })).toThrow(
      "noise.along must be a non-negative number, got NaN",
    );
    expect(() => maxBatchLearningRate({ ...options, momentum: 1 })).toThrow(
      "momentum must be in [0, 1), got 1",
    );
    const adam = { ...options, optimizer: "adam" };
    expect(() => maxBatchLearningRate(adam)).toThrow('maxBatchLearningRate has no option "optimizer"');
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
  expect(() => scaleLearningRate(0, 8, 32, "linear")).toThrow("learningRate must be a positive number");
  expect(() => scaleLearningRate(0.1, 8, 1.5, "sqrt")).toThrow("toBatch must be a positive integer, got 1.5");
  expect(() => scaleLearningRate(0.1, 8, 32, "square-root" as "sqrt")).toThrow(
    'rule must be "linear", "sqrt" or "constant", got "square-root"',
  );
});

describe("bisection", () => {
  const borderOf = async (...problem: Parameters<typeof maxStableLearningRate>) =>
    (await solve(maxStableLearningRate(...problem))).iterate;

  test("finds the border of stability of gradient descent on a quadratic, to the width of its interval", async () => {
    const train = async (rate: number) => {
      let w = 1;
      for (let step = 0; step < 4000; step++) w -= rate * 5 * w;
      return (5 * w * w) / 2;
    };
    const border = await borderOf(train, {
      low: 0.01,
      high: 10,
      halvings: 12,
      threshold: 2.5,
    });
    expect(border.runs).toBe(14);
    expect(border.unstable / border.stable).toBeCloseTo(1000 ** (1 / 4096), 12);
    expect(border.stable).toBeLessThan(0.4);
    expect(border.unstable).toBeGreaterThanOrEqual(0.4);
    expect(border.learningRate ** 2).toBeCloseTo(border.stable * border.unstable, 14);
  });

  test("shows the interval as it halves around the border, and goes on from any iterate", async () => {
    const train = async (rate: number) => (rate < 3 ? 0 : 5);
    const options = { low: 1, high: 16, halvings: 4 };
    const seen: [number, number, number][] = [];
    let second: StableInterval | undefined;
    for await (const { iteration, state, stable, unstable, runs } of maxStableLearningRate(train, options)) {
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
    const resumed = solve(
      maxStableLearningRate(train, { ...options, resume: { iteration: 2, state: second } }),
    );
    const whole = await borderOf(train, options);
    expect((await resumed).iterate).toMatchObject(whole);
  });

  test("names the end on the wrong side, and takes NaN for a failure", async () => {
    await expect(borderOf(async () => 2, { low: 1, high: 2 })).rejects.toThrow(
      "low must be a stable learning rate: at 1 the final loss is 2, expected less than 1",
    );
    await expect(borderOf(async () => 0.5, { low: 1, high: 2 })).rejects.toThrow(
      "high must be an unstable learning rate: at 2 the final loss is 0.5",
    );
    const border = await borderOf(async (rate) => (rate < 3 ? 0 : Number.NaN), {
      low: 1,
      high: 9,
    });
    expect(border.stable).toBeLessThan(3);
    expect(border.unstable).toBeGreaterThanOrEqual(3);
    await expect(borderOf(async () => 0, { low: 2, high: 1 })).rejects.toThrow("low must be below");
    await expect(borderOf(async () => 0, { low: 0, high: 1 })).rejects.toThrow(ArgumentError);
    await expect(borderOf(async () => 0, { low: 1, high: 2, halvings: -1 })).rejects.toThrow("halvings");
    const signal = AbortSignal.abort(new Error("closed"));
    await expect(borderOf(async () => 0, { low: 1, high: 2, signal })).rejects.toThrow("closed");
  });
});
