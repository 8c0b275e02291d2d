import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { piecewiseConstant } from "../schedules/piecewise-constant.ts";
import { bySamples } from "../schedules/schedule.ts";
import { type Leaves, updatesBy } from "../test-support.ts";
import { chain } from "../transformation.ts";
import { averageGradients } from "./average-gradients.ts";
import { clipByGlobalNorm, clipByTensorNorm } from "./clip-by-norm.ts";
import { clipByValue } from "./clip-by-value.ts";
import { addDecayedWeights } from "./decayed-weights.ts";
import { scaleByLearningRate } from "./learning-rate.ts";
import { accumulateMomentum } from "./momentum.ts";
import { scaleBy } from "./scale-by.ts";
import { scaleByAdagrad } from "./scale-by-adagrad.ts";
import { scaleByAdagradNorm } from "./scale-by-adagrad-norm.ts";
import { scaleByAdam } from "./scale-by-adam.ts";
import { scaleByRms } from "./scale-by-rms.ts";

const sizes = { weights: 3, bias: 2 };
const zeros: Leaves = { weights: [0, 0, 0], bias: [0, 0] };
const norm = (values: readonly number[]) => Math.hypot(...values);
const all = ({ weights, bias }: Leaves) => [...weights, ...bias];

const size = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const gradients = fc.record({
  weights: fc.array(size, { minLength: 3, maxLength: 3 }),
  bias: fc.array(size, { minLength: 2, maxLength: 2 }),
});

describe("clipping", () => {
  type Updates = Awaited<ReturnType<typeof updatesBy>>;
  let byNorm: Updates;
  let byTensor: Updates;
  let byValue: Updates;
  beforeAll(async () => {
    byNorm = await updatesBy(clipByGlobalNorm(2), sizes, 1);
    byTensor = await updatesBy(clipByTensorNorm(2), sizes, 1);
    byValue = await updatesBy(clipByValue(2), sizes, 1);
  });
  afterAll(() => {
    for (const program of [byNorm, byTensor, byValue]) program[Symbol.dispose]();
  });

  const isShortened = (after: readonly number[], before: readonly number[]) => {
    const length = norm(before);
    if (length < 2) expect(after).toStrictEqual(before);
    else expect(norm(after)).toBeCloseTo(2, 12);
    after.forEach((value, i) => {
      expect(Math.abs(value * length - before[i] * norm(after))).toBeLessThanOrEqual(1e-12 * length);
    });
  };

  test("by norm shortens to the limit what is longer, in its direction, and leaves the rest bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(gradients, async (g) => {
        const [global] = await byNorm.run([g], zeros);
        isShortened(all(global), all(g));
        const [each] = await byTensor.run([g], zeros);
        isShortened(each.weights, g.weights);
        isShortened(each.bias, g.bias);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test("by value moves no element that is within the limit and puts the others on it", async () => {
    await fc.assert(
      fc.asyncProperty(gradients, async (g) => {
        const [clipped] = await byValue.run([g], zeros);
        expect(all(clipped)).toStrictEqual(all(g).map((x) => (Math.abs(x) <= 2 ? x : 2 * Math.sign(x))));
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  test("keeps NaN, so that it is reported and not hidden", async () => {
    const g = { weights: [Number.NaN, 1, 1], bias: [1, 1] };
    for (const program of [byNorm, byTensor, byValue])
      expect((await program.run([g], zeros))[0].weights[0]).toBeNaN();
  });
});

test("the average of gradients weighs them by decay, and with bias correction by weights that sum to 1", async () => {
  const g = [
    [1, -2, 3],
    [0.5, 4, -1],
    [2, 2, 2],
  ];
  const steps = g.map((weights) => ({ ...zeros, weights }));
  using plain = await updatesBy(averageGradients({ decay: 0.8 }), sizes, 3);
  using corrected = await updatesBy(averageGradients({ decay: 0.8, biasCorrection: true }), sizes, 3);
  const last = (await plain.run(steps, zeros))[2].weights;
  const unbiased = (await corrected.run(steps, zeros))[2].weights;
  const total = 0.64 + 0.8 + 1;
  for (let j = 0; j < 3; j++) {
    const sum = 0.64 * g[0][j] + 0.8 * g[1][j] + g[2][j];
    expect(last[j]).toBeCloseTo(0.2 * sum, 14);
    expect(unbiased[j]).toBeCloseTo(sum / total, 14);
  }
});

test("weights decay where the mask says so", async () => {
  const parameters = { weights: [2, -4, 6], bias: [1, 1] };
  using program = await updatesBy(addDecayedWeights(0.5, { where: (path) => path === "weights" }), sizes, 1);
  const [updates] = await program.run([{ weights: [1, 1, 1], bias: [3, 4] }], parameters);
  expect(updates).toStrictEqual({ weights: [2, -1, 4], bias: [3, 4] });
  await expect(updatesBy(addDecayedWeights(0.5, { where: () => false }), sizes, 1)).rejects.toThrow(
    /where must select at least one of the parameters weights, bias/,
  );
});

test("a schedule counts steps, or samples when told to", async () => {
  const schedule = piecewiseConstant({ values: [1, 0.25], boundaries: [3] });
  const ones = { weights: [1, 1, 1], bias: [1, 1] };
  const four = [ones, ones, ones, ones];
  using steps = await updatesBy(scaleByLearningRate(schedule), sizes, 4);
  using samples = await updatesBy(scaleByLearningRate(bySamples(schedule)), sizes, 4);
  const rates = (updates: readonly Leaves[]) => updates.map(({ bias }) => -bias[0]);
  expect(rates(await steps.run(four, zeros, 2))).toStrictEqual([1, 1, 1, 0.25]);
  expect(rates(await samples.run(four, zeros, 2))).toStrictEqual([1, 1, 0.25, 0.25]);
});

test("in float32 the bias corrections of the first steps keep their digits", async () => {
  const g = { weights: [1, 1, 1], bias: [1, 1] };
  using program = await updatesBy(scaleByAdam({ beta2: 0.9999 }), sizes, 2, "f32");
  // A constant gradient is its own average, and 1 its root mean square.
  for (const { bias } of await program.run([g, g], zeros)) expect(Math.abs(bias[0] - 1)).toBeLessThan(5e-7);
});

test("a factor scales, by a schedule too", async () => {
  const schedule = piecewiseConstant({ values: [2, -0.5], boundaries: [1] });
  using program = await updatesBy(chain(scaleBy(3), scaleBy(schedule), scaleByLearningRate(0.5)), sizes, 2);
  const g = { weights: [1, 2, 3], bias: [4, 5] };
  const [first, second] = await program.run([g, g], zeros);
  expect(first.weights).toStrictEqual([-3, -6, -9]);
  expect(second.bias).toStrictEqual([3, 3.75]);
});

test("a chain hands on what each link made", async () => {
  using program = await updatesBy(
    chain(clipByValue(1), accumulateMomentum({ momentum: 0.5 }), scaleByLearningRate(0.1)),
    sizes,
    2,
  );
  const g = { weights: [5, 0.5, -9], bias: [0, 1] };
  const [, second] = await program.run([g, g], zeros);
  [-0.15, -0.075, 0.15].forEach((value, i) => {
    expect(second.weights[i]).toBeCloseTo(value, 15);
  });
});

test("options out of range are refused by name", () => {
  const refused: readonly [() => unknown, RegExp][] = [
    [() => clipByGlobalNorm(0), /limit must be a positive number, got 0/],
    [() => clipByTensorNorm(-1), /limit/],
    [() => clipByValue(Number.POSITIVE_INFINITY), /limit .* got Infinity/],
    [() => accumulateMomentum({ momentum: 1 }), /momentum must be in \[0, 1\), got 1/],
    [() => averageGradients({ decay: -0.1 }), /decay must be in/],
    [() => addDecayedWeights(-1), /decay must be a non-negative number, got -1/],
    [() => scaleByLearningRate(Number.NaN), /learningRate must be a positive number, got NaN/],
    [() => scaleBy(Number.NaN), /factor must be a finite number, got NaN/],
    [() => scaleByAdam({ beta2: 1 }), /beta2 must be in/],
    [() => scaleByAdam({ epsilon: 0 }), /epsilon/],
    [() => scaleByRms({ decay: 1 }), /decay/],
    [() => scaleByAdagrad({ initialAccumulator: -1 }), /initialAccumulator must be a non-negative number/],
    [() => scaleByAdagradNorm({ initialAccumulator: 0 }), /initialAccumulator must be a positive number/],
  ];
  for (const [make, message] of refused) {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  }
});
