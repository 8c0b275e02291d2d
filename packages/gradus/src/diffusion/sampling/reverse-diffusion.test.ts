import { describe, expect, test } from "vitest";
import { ConvergenceError, DataError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { type ImmediatePointFunction, timeOf } from "../processes/contract.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { type ReverseDiffusionOptions, reverseDiffusion } from "./reverse-diffusion.ts";

const process = variancePreservingProcess({ endTime: 3 });
/** Data N(1, 0.25): the law at time t is N(alpha, 0.25 alpha^2 + h). */
const spread = (t: number) => 0.25 * process.scale(t) ** 2 + process.variance(t);
const score: ImmediatePointFunction = (times, { rows, columns, values }) => {
  const answer = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) {
    const t = timeOf(times, i);
    const [mean, variance] = [process.scale(t), spread(t)];
    for (let k = i * columns; k < (i + 1) * columns; k++) answer[k] = (mean - values[k]) / variance;
  }
  return { rows, columns, values: answer };
};

const n = 10_000;
const start = denseMatrix(
  randomStream(7)
    .fillNormal(new Float64Array(n))
    .map((z) => process.scale(3) + Math.sqrt(spread(3)) * z),
  n,
  1,
);
const few = denseMatrix(start.values.slice(0, 6), 3, 2);
const run = async (options: Omit<ReverseDiffusionOptions, "seed">) =>
  (await solve(reverseDiffusion(process, score, { seed: 5, ...options }))).iterate;
const moments = (x: Float64Array) => {
  const mean = x.reduce((sum, one) => sum + one, 0) / x.length;
  return { mean, variance: x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / x.length };
};

describe("the rules", () => {
  test("bring noise to a Gaussian's law at the start of the window", async () => {
    const t0 = process.startTime;
    for (const rule of ["euler-maruyama", "exponential", "probability-flow"] as const) {
      const { points, time } = await run({ start, steps: 250, rule });
      expect(time).toBe(t0);
      const { mean, variance } = moments(points.values);
      expect(Math.abs(mean - process.scale(t0))).toBeLessThan(0.02);
      expect(Math.abs(variance / spread(t0) - 1)).toBeLessThan(0.05);
    }
  });

  test("the flow moves each particle along its quantile, with second-order error", async () => {
    const t0 = process.startTime;
    const errorAt = async (steps: number) => {
      const { points } = await run({ start: few, steps, rule: "probability-flow" });
      const exact = few.values.map(
        (x) => process.scale(t0) + (x - process.scale(3)) * Math.sqrt(spread(t0) / spread(3)),
      );
      return Math.max(...points.values.map((x, k) => Math.abs(x - exact[k])));
    };
    const [coarse, fine] = [await errorAt(40), await errorAt(80)];
    expect(coarse / fine).toBeGreaterThan(3.5);
    expect(coarse / fine).toBeLessThan(4.6);
  });

  test("take the given times, and a rule of one's own", async () => {
    const times = Float64Array.of(2, 1.5, 0.1);
    const seen: number[] = [];
    const rule = {
      name: "still",
      stochastic: false,
      step: async ({ points, from, to }: { points: { values: Float64Array }; from: number; to: number }) => {
        seen.push(from, to);
        return points.values;
      },
    };
    const { points, time } = await run({ start: few, times, rule });
    expect(seen).toEqual([2, 1.5, 1.5, 0.1]);
    expect([...points.values]).toEqual([...few.values]);
    expect(time).toBe(0.1);
  });

  test("end with the estimate of the clean points on request", async () => {
    const { points } = await run({ start: few, steps: 5 });
    const { points: clean, time, iteration } = await run({ start: few, steps: 5, denoise: true });
    const t = process.startTime;
    expect([time, iteration]).toEqual([0, 6]);
    const s = score(t, points).values;
    clean.values.forEach((f, k) => {
      expect(f).toBeCloseTo((points.values[k] + process.variance(t) * s[k]) / process.scale(t), 14);
    });
  });
});

test("a run resumes bit for bit from a checkpoint", async () => {
  const options = { start: few, steps: 12, denoise: true, seed: 3 } as const;
  const whole = (await solve(reverseDiffusion(process, score, options))).iterate;
  const { iterate } = await solve(reverseDiffusion(process, score, options), { maxIterations: 5 });
  const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const rest = (await solve(reverseDiffusion(process, score, { ...options, resume }))).iterate;
  expect(rest.points).toEqual(whole.points);
});

describe("bad input", () => {
  test.each([
    ["too short", new Float64Array(1), "got Float64Array of length 1"],
    ["nothing", undefined, "got undefined"],
  ])("a rule of one's own that returns %s", async (_, moved, message) => {
    const rule = { name: "own", stochastic: false, step: async () => moved as Float64Array };
    await expect(run({ start: few, rule })).rejects.toThrow(
      `rule.step must return a Float64Array of 6 numbers, ${message}`,
    );
  });

  test("is named", async () => {
    await expect(run({ start: few, steps: 0 })).rejects.toThrow(/steps must be a positive integer, got 0/);
    await expect(run({ start: few, times: Float64Array.of(1, 1) })).rejects.toThrow(
      /times must descend, got 1/,
    );
    await expect(run({ start: few, times: Float64Array.of(4, 1) })).rejects.toThrow(/must be in \[0.05, 3\]/);
    await expect(run({ start: few, steps: 2, times: Float64Array.of(2, 1) })).rejects.toThrow(
      "steps and times cannot be combined",
    );
    await expect(run({ start: denseMatrix([Number.NaN], 1, 1) })).rejects.toThrow(DataError);
    const wide: ImmediatePointFunction = () => denseMatrix([1], 1, 1);
    await expect(solve(reverseDiffusion(process, wide, { start: few, seed: 1 }))).rejects.toThrow(
      /the score must be 3 x 2 like the points, got 1 x 1/,
    );
    const broken: ImmediatePointFunction = (_, { rows, columns, values }) => ({
      rows,
      columns,
      values: values.map((x, k) => (k === 3 ? Number.NaN : x)),
    });
    await expect(solve(reverseDiffusion(process, broken, { start: few, seed: 1 }))).rejects.toThrow(
      /the score must be finite, got NaN at time 3 for particle 1/,
    );
    await expect(solve(reverseDiffusion(process, broken, { start: few, seed: 1 }))).rejects.toThrow(
      ConvergenceError,
    );
  });
});
