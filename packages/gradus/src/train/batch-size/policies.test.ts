import { array, mean, mul, square, sub, sum, type Tensor } from "@gradus/graph";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { adagrad } from "../adagrad.ts";
import { adadagrad, adadagradNorm } from "./adadagrad.ts";
import { adaptiveBatchSize } from "./adaptive-batch-size.ts";
import { compileBatchSizeTrainer } from "./batch-size-trainer.ts";
import { innerProductTest } from "./inner-product-test.ts";
import { normTest } from "./norm-test.ts";
import { constantBatchSize, linearBatchSize, stagewiseBatchSize } from "./planned-batch-sizes.ts";
import { dataOracle, streamOracle } from "./sample-oracle.ts";

const verdict = (proposedBatchSize: number, batchSize: number) => ({
  passed: proposedBatchSize <= batchSize,
  proposedBatchSize,
  ratio: proposedBatchSize / batchSize,
  stationary: false,
});

test("the adaptive rule never shrinks, rounds up, and stays within its bounds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 1000 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (b, proposal) => {
        const policy = adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 2, maximum: 1000 });
        const next = policy.next({ batchSize: b, steps: 1, samples: b, verdict: verdict(proposal, b) });
        expect(next).toBe(proposal <= b ? b : Math.min(1000, Math.ceil(proposal)));
      },
    ),
  );
  const guarded = adaptiveBatchSize({
    test: normTest({ eta: 0.5 }),
    initial: 2,
    maximum: 99,
    maximumGrowth: 3,
  });
  expect(guarded.next({ batchSize: 4, steps: 1, samples: 4, verdict: verdict(1e9, 4) })).toBe(12);
  expect(guarded.next({ batchSize: 4, steps: 1, samples: 4 })).toBe(4);
});

test("planned sizes: stages of equal samples, and a straight line", () => {
  const at = (samples: number) => ({ batchSize: 1, steps: 1, samples });
  const stages = stagewiseBatchSize({ sizes: [4, 8, 16], samples: 300 });
  expect([0, 99, 100, 199, 200, 900].map((s) => stages.next(at(s)))).toStrictEqual([4, 4, 8, 8, 16, 16]);
  expect(stagewiseBatchSize({ samples: 1 })).toMatchObject({ initial: 512, maximum: 60000 });
  const line = linearBatchSize({ initial: 100, maximum: 700 });
  expect([100, 356, 612, 700].map((batchSize) => line.next({ ...at(0), batchSize }))).toStrictEqual([
    356, 612, 700, 700,
  ]);
  expect(constantBatchSize(7).next(at(3))).toBe(7);
});

test("what is no policy is refused by name", () => {
  const good = { test: normTest({ eta: 0.5 }), initial: 8, maximum: 64 };
  expect(() => adaptiveBatchSize({ ...good, initial: 1 })).toThrow(/initial must be >= 2/);
  expect(() => adaptiveBatchSize({ ...good, maximum: 4 })).toThrow(/maximum must be >= initial 8, got 4/);
  expect(() => adaptiveBatchSize({ ...good, interval: 0 })).toThrow(/interval must be a positive integer/);
  expect(() => adaptiveBatchSize({ ...good, maximumGrowth: 1 })).toThrow(/maximumGrowth must be > 1/);
  expect(() => constantBatchSize(2.5)).toThrow(/batchSize must be/);
  expect(() => stagewiseBatchSize({ sizes: [], samples: 1 })).toThrow(/at least one size/);
  expect(() => stagewiseBatchSize({ sizes: [0], samples: 1 })).toThrow(/sizes\[0\]/);
  expect(() => linearBatchSize({ initial: 9, maximum: 8 })).toThrow(/maximum must be >= initial/);
});

test("data are dealt out without replacement, and a batch grows by rows that it lacks", () => {
  const data = { i: array(Float64Array.from({ length: 10 }, (_, i) => i)) };
  const oracle = dataOracle(data);
  const first = oracle.draw(oracle.start(1), 4);
  const second = oracle.draw(first.state, 4);
  const more = oracle.enlarge(second.state, 4, 5);
  const rows = (batch: typeof data) => Array.from(batch.i.data, Number);
  expect(new Set([...rows(first.batch), ...rows(second.batch)]).size).toBe(8);
  expect(new Set([...rows(second.batch), ...rows(more.batch)]).size).toBe(9);
  // Two rows are left of ten, so four are from a new shuffle; another size starts one too.
  expect(oracle.draw(second.state, 4).state).toMatchObject({ shuffles: 2, position: 4 });
  expect(oracle.draw(first.state, 3).state).toMatchObject({ shuffles: 2, position: 3 });
  expect(() => oracle.draw(first.state, 11)).toThrow(/at most the 10 rows of the data, got 11/);
});

/** The mean of noisy points: gradient x - a with variance 1 in each of 3 coordinates. */
const oracle = streamOracle((stream, count) => ({
  a: array(stream.fillNormal(new Float64Array(3 * count)), [count, 3]),
}));
const loss = ({ x }: { x: Tensor }, { a }: { a: Tensor }) =>
  mul(mean(sum(square(sub(x, a)), { axes: 1 })), 0.5);
const parameters = { x: array(Float64Array.of(2, 0, 0)) };
const problem = { loss, parameters, data: oracle };

test("a stream of samples: the proposals are near tr Cov / (eta^2 |grad F|^2), and retrying meets the test", async () => {
  using trainer = await compileBatchSizeTrainer({ ...problem, optimizer: adagrad({ learningRate: 0.1 }) });
  for (const test of [normTest({ eta: 0.3 }), innerProductTest({ theta: 0.3 })])
    for (const retry of [false, true]) {
      const batchSize = adaptiveBatchSize({ test, initial: 4, maximum: 4000, retry });
      let largest = 0;
      for await (const iterate of trainer.train({ batchSize, seed: 1, samples: 6000 })) {
        if (iterate.iteration === 0) continue;
        if (retry && iterate.batchSize < 4000) expect(iterate.ratio).toBeLessThanOrEqual(1);
        expect(iterate.batchSize).toBeGreaterThanOrEqual(largest);
        largest = iterate.batchSize;
      }
      expect(largest).toBeGreaterThan(40);
    }
  // At x = (2, 0, 0), far from noise: 3 / (0.3^2 2^2) rows, or for the slope 1 / (0.3^2 2^2).
  const once = async (test: ReturnType<typeof normTest>) => {
    const batchSize = adaptiveBatchSize({ test, initial: 20_000, maximum: 30_000 });
    for await (const { verdict } of trainer.train({ batchSize, seed: 2 }))
      if (verdict) return verdict.proposedBatchSize;
    throw new Error("no step");
  };
  expect((await once(normTest({ eta: 0.3 }))) / (3 / 0.36)).toBeCloseTo(1, 1);
  expect((await once(innerProductTest({ theta: 0.3 }))) / (1 / 0.36)).toBeCloseTo(1, 1);
});

test("tests are made at the interval, and end with the maximum", async () => {
  using trainer = await compileBatchSizeTrainer({ ...problem, optimizer: adagrad({ learningRate: 0.1 }) });
  const batchSize = adaptiveBatchSize({
    test: normTest({ eta: 0.05 }),
    initial: 4,
    maximum: 30,
    interval: 3,
  });
  const tested: boolean[] = [];
  for await (const { verdict, iteration } of trainer.train({ batchSize, seed: 5 })) {
    if (iteration > 0) tested.push(verdict !== undefined);
    if (iteration === 9) break;
  }
  expect(tested).toStrictEqual([false, false, true, false, false, false, false, false, false]);
});

test("the two named methods are AdaGrad and AdaGrad-Norm by hand", async () => {
  const run = { ...problem, test: normTest({ eta: 0.5 }), initial: 8, maximum: 512, seed: 4, samples: 400 };
  const sizes: number[] = [];
  let v = 1e-2;
  let before: number | undefined;
  for await (const { parameters, gradientNorm, batchSize, iteration } of adadagradNorm({
    ...run,
    learningRate: 1,
  })) {
    const [x, y, z] = Array.from(parameters.x.data, Number);
    if (iteration > 0) sizes.push(batchSize);
    if (iteration === 1) {
      v += gradientNorm! ** 2;
      // The whole step has length |g| / sqrt(v).
      expect(Math.hypot(x - before!, y, z)).toBeCloseTo(gradientNorm! / Math.sqrt(v), 12);
    }
    before ??= x;
  }
  expect(sizes[0]).toBe(8);
  expect(sizes).toStrictEqual([...sizes].sort((a, b) => a - b));
  for await (const { parameters, iteration } of adadagrad({ ...run, learningRate: 0.1 })) {
    if (iteration === 0) continue;
    // The first step of AdaGrad is the learning rate in every coordinate.
    Array.from(parameters.x.data, Number).forEach((x, j) => {
      expect(Math.abs(x - (j === 0 ? 2 : 0))).toBeCloseTo(0.1, 8);
    });
    break;
  }
});

test("a batch of rows without a gradient does not end training: other rows have one", async () => {
  const start = { x: array(Float64Array.of(1), [1]) };
  // Rows of a = 1 are at their minimum at x = 1; those of a = 3 are not.
  const rows = Float64Array.from({ length: 64 }, (_, i) => (i % 32 === 31 ? 3 : 1));
  const data = { a: array(rows, [64, 1]) };
  const run = { loss, parameters: start, data, test: normTest({ eta: 0.5 }), initial: 2, maximum: 64 };
  const verdicts = [];
  let last = Number.NaN;
  for await (const { done, verdict, parameters, samples } of adadagradNorm({
    ...run,
    learningRate: 0.5,
    samples: 2000,
  })) {
    if (verdict) verdicts.push(verdict);
    last = Number(parameters.x.data[0]);
    expect(done).toBe(samples >= 2000);
  }
  expect(verdicts[0]).toMatchObject({ passed: true, stationary: true });
  expect(verdicts.some(({ stationary }) => !stationary)).toBe(true);
  // The minimum is the mean of a.
  expect(last).toBeCloseTo(1 + 2 / 32, 1);
});
