import { describe, expect, test } from "vitest";
import { ConvergenceError } from "../../check/errors.ts";
import { teacherNetwork } from "../../data/generators/teacher-network.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { diagonalLinearNetwork, diagonalStart } from "../../objectives/networks/diagonal-linear-network.ts";
import { twoLayerReLU, twoLayerReluStart } from "../../objectives/networks/two-layer-relu.ts";
import {
  type StochasticGradientDescentIterate,
  type StochasticGradientDescentOptions,
  type StochasticGradientDescentState,
  stochasticGradientDescent,
} from "./stochastic-gradient-descent.ts";

const shape = { features: 6, hidden: 10 };
const data = teacherNetwork({ n: 12, d: 6, hidden: 3, inputs: "sphere", directions: "sphere", seed: 1 });
const regression = twoLayerReLU(shape).on(data);
const start = twoLayerReluStart(shape, { seed: 1 });
type Options = Partial<StochasticGradientDescentOptions>;

async function iterates(options: Options, count: number) {
  const seen: StochasticGradientDescentIterate[] = [];
  const run = stochasticGradientDescent(regression, {
    start,
    learningRate: 0.01,
    clip: 10,
    stepsPerIterate: 20,
    ...options,
  });
  for await (const iterate of run) {
    // what is computed late must be read here
    seen.push({ ...iterate, theta: iterate.theta, state: iterate.state });
    if (seen.length === count) break;
  }
  return seen;
}

test("fits its examples and says when it clipped", async () => {
  const options = { start, learningRate: 0.02, clip: 5, tolerance: 1e-8, seed: 3 };
  const { iterate, status } = await solve(stochasticGradientDescent(regression, options), {
    maxIterations: 200,
  });
  expect(status).toBe("converged");
  expect(iterate.loss).toBeLessThanOrEqual(1e-8);
  expect(iterate.lastClipped).toBeGreaterThan(0);
  expect(iterate.lastClipped).toBeLessThan(iterate.step);
});

describe("order of the examples", () => {
  test("as large as the data, a batch is gradient descent: the loss falls, whatever the seed", async () => {
    const [one, other] = [
      await iterates({ batchSize: 12, seed: 1 }, 10),
      await iterates({ batchSize: 12, seed: 2 }, 10),
    ];
    expect(one[9].theta).toEqual(other[9].theta);
    for (let k = 1; k < 10; k++) expect(one[k].loss).toBeLessThan(one[k - 1].loss);
    const drawn = await iterates({ batchSize: 12, replacement: true, seed: 1 }, 2);
    expect(drawn[1].theta).not.toEqual(one[1].theta);
  });

  test("cyclic: twelve steps take the examples in turn", async () => {
    const theta = start.slice();
    for (let k = 0; k < 24; k++)
      regression.step(theta, Int32Array.of(k % 12), 1, { learningRate: 0.01, clip: 10 });
    const [, last] = await iterates({ order: "cyclic", stepsPerIterate: 24 }, 2);
    expect(last.theta).toEqual(theta);
  });

  test("batches without replacement hold no example twice, and each as often as the others", async () => {
    const counts = new Int32Array(12);
    let twice = 0;
    const counting = {
      ...regression,
      step(_: Float64Array, batch: Int32Array, B: number) {
        twice += B - new Set(batch.subarray(0, B)).size;
        for (let k = 0; k < B; k++) counts[batch[k]] += 1;
        return 1;
      },
    };
    const count = async (replacement: boolean) => {
      counts.fill(0);
      twice = 0;
      const options = { start, learningRate: 1, batchSize: 5, replacement, stepsPerIterate: 12_000, seed: 4 };
      await solve(stochasticGradientDescent(counting, options), { maxIterations: 1 });
      for (const c of counts) expect(Math.abs(c - 5000)).toBeLessThan(5 * Math.sqrt(5000));
      return twice;
    };
    expect(await count(false)).toBe(0);
    expect(await count(true)).toBeGreaterThan(1000);
  });
});

test.each([
  { batchSize: 1 },
  { batchSize: 5 },
  { batchSize: 5, order: "cyclic" as const },
  { batchSize: 12 },
])("resumes from any iterate bit for bit: %j", async (options) => {
  const whole = await iterates(options, 6);
  const state = parseCheckpoint(serializeCheckpoint(whole[2].state)) as StochasticGradientDescentState;
  const rest = await iterates({ ...options, seed: 99, resume: { iteration: 2, state } }, 4);
  expect(rest.map(({ step, loss }) => [step, loss])).toEqual(
    whole.slice(2).map(({ step, loss }) => [step, loss]),
  );
  expect(rest[3].theta).toEqual(whole[5].theta);
});

test("divergence is reported with its step and the last finite loss", async () => {
  const diagonal = diagonalLinearNetwork(6).on(data);
  const run = stochasticGradientDescent(diagonal, { start: diagonalStart(6, { seed: 1 }), learningRate: 10 });
  const failure = solve(run, { maxIterations: 5 });
  await expect(failure).rejects.toThrow(ConvergenceError);
  await expect(failure).rejects.toThrow(
    /diverged at step \d+: .* the last finite loss was \d+\.\d+; use a learning rate smaller/,
  );
});

test.each<[Options, string]>([
  [{ learningRate: 0 }, "learningRate must be a positive number, got 0"],
  [{ batchSize: 13 }, "batchSize must be an integer from 1 to 12, got 13"],
  [{ clip: Number.NaN }, "clip must be a positive number, got NaN"],
  [{ stepsPerIterate: 0.5 }, "stepsPerIterate must be a positive integer, got 0.5"],
  [{ tolerance: -1 }, "tolerance must be a non-negative number or Infinity, got -1"],
  [{ rate: 1 } as Options, 'has no option "rate"'],
  [{ order: "sorted" as "cyclic" }, 'order must be "random" or "cyclic", got "sorted"'],
  [{ start: new Float64Array(3) }, "theta must have 70 numbers, got 3"],
])("%j is refused", (options, message) => {
  expect(() => stochasticGradientDescent(regression, { start, learningRate: 0.01, ...options })).toThrow(
    message,
  );
});

test("a signal ends it", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  await expect(
    solve(stochasticGradientDescent(regression, { start, learningRate: 0.01, signal })),
  ).rejects.toThrow("closed");
});
