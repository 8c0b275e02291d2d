import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { counted } from "../../objectives/counted.ts";
import type { HostObjective } from "../../objectives/objective.ts";
import { randomStream } from "../../random/stream.ts";
import { LineSearchError } from "./contract.ts";
import { stochasticArmijo } from "./stochastic-armijo.ts";

const stream = randomStream(31);
const [n, d] = [20, 5];
const rows = Array.from({ length: n }, (_, i) =>
  Float64Array.from({ length: d }, () => (1 + (i % 4)) * stream.normal()),
);
const truth = Float64Array.from({ length: d }, () => stream.normal());
const inner = (a: Float64Array, b: Float64Array) => a.reduce((s, v, j) => s + v * b[j], 0);
const squaredNorm = (a: Float64Array) => inner(a, a);

/** Half the squared residual of one row of a consistent system, whose smoothness is the row's squared norm. */
function rowObjective(a: Float64Array): HostObjective {
  const residual = (x: Float64Array) => inner(a, x) - inner(a, truth);
  const value = (x: Float64Array) => residual(x) ** 2 / 2;
  const gradient = (x: Float64Array) => a.map((v) => residual(x) * v);
  return {
    dimension: d,
    value,
    gradient,
    valueAndGradient: (x) => ({ value: value(x), gradient: gradient(x) }),
  };
}
const objectives = rows.map(rowObjective);
const order = (k: number) => randomStream(7).split(k).integer(n);
const batchAt = (k: number) => objectives[order(k)];
const x0 = new Float64Array(d);

describe("on a consistent system, one row a batch", () => {
  test("it converges to the solution with steps that do not decrease", async () => {
    const { iterate } = await solve(stochasticArmijo(batchAt, x0, { growth: 2 ** (1 / n) }), {
      maxIterations: 3000,
    });
    iterate.x.forEach((value, j) => {
      expect(value).toBeCloseTo(truth[j], 10);
    });
    expect(iterate.stepSize).toBeGreaterThan(1e-3);
  });

  test("each accepted step is between the bounds of Vaswani et al., lemma 1", async () => {
    expect.hasAssertions();
    const [sufficientDecrease, shrink] = [0.2, 0.7];
    const options = { sufficientDecrease, shrink, initialStep: 50, reset: "initial" } as const;
    let steps = 0;
    for await (const { iteration, stepSize, stalled } of stochasticArmijo(batchAt, x0, options)) {
      if (iteration === 0) continue;
      // Along its own gradient a row's half square is a parabola: exactly 2 (1 - c) / |a|^2 is accepted.
      const limit = (2 * (1 - sufficientDecrease)) / squaredNorm(rows[order(iteration - 1)]);
      expect(stalled).toBe(false);
      expect(stepSize).toBeLessThanOrEqual(limit * (1 + 1e-9));
      expect(stepSize).toBeGreaterThan(shrink * limit * (1 - 1e-9));
      if (++steps === 25) break;
    }
  });

  test("a search starts where `reset` says", async () => {
    const same = () => objectives[0];
    const limit = 1.8 / squaredNorm(rows[0]);
    const first = async (reset: "previous" | "grow" | "initial") => {
      const steps: number[] = [];
      const run = stochasticArmijo(same, x0, {
        reset,
        growth: 1.5,
        shrink: 0.5,
        initialStep: limit / 10,
        maximalStep: limit / 6,
      });
      for await (const { stepSize, iteration } of run) {
        if (iteration > 0) steps.push(stepSize / (limit / 10));
        if (iteration === 3) break;
      }
      return steps;
    };
    expect(await first("initial")).toStrictEqual([1, 1, 1]);
    expect(await first("previous")).toStrictEqual([1, 1, 1]);
    const grown = await first("grow");
    [1, 1.5, 10 / 6].forEach((value, k) => {
      expect(grown[k]).toBeCloseTo(value, 12);
    });
  });

  test("evaluations are counted as the objectives see them, and a run resumes bit for bit", async () => {
    const { objective, counts } = counted(rowObjective(rows[3]));
    const straight = await solve(
      stochasticArmijo(() => objective, x0),
      { maxIterations: 6 },
    );
    expect(straight.iterate.evaluations).toStrictEqual({
      values: counts.values,
      gradients: counts.gradients,
    });
    const whole = await solve(stochasticArmijo(batchAt, x0), { maxIterations: 9 });
    const part = await solve(stochasticArmijo(batchAt, x0), { maxIterations: 4 });
    const resume = parseCheckpoint(serializeCheckpoint(part.iterate)) as typeof part.iterate;
    const resumed = await solve(stochasticArmijo(batchAt, x0, { resume }), { maxIterations: 9 });
    expect(resumed.iterate).toStrictEqual(whole.iterate);
  });
});

/** What a batch on the line gives. */
const fixed = (value: (x: number) => number, slope: number): HostObjective => ({
  dimension: 1,
  value: ([x]) => value(x),
  gradient: () => Float64Array.of(slope),
  valueAndGradient: ([x]) => ({ value: value(x), gradient: Float64Array.of(slope) }),
});

test("a batch without a step or a gradient leaves x and the step as they are", async () => {
  const rising = fixed((x) => Math.abs(x), 1);
  const flat = fixed(() => 1, 0);
  const run = stochasticArmijo((k) => (k === 0 ? rising : flat), Float64Array.of(0), {
    initialStep: 3,
    maxTrials: 5,
  });
  const seen: unknown[] = [];
  for await (const { x, stepSize, stalled, batchGradientNorm, iteration } of run) {
    seen.push([x[0], stepSize, stalled, batchGradientNorm]);
    if (iteration === 2) break;
  }
  expect(seen).toStrictEqual([
    [0, 3, false, undefined],
    [0, 3, true, 1],
    [0, 3, false, 0],
  ]);
});

test("what it cannot search is refused by name", async () => {
  const broken = fixed(() => Number.NaN, 1);
  const failing = solve(
    stochasticArmijo(() => broken, Float64Array.of(0)),
    { maxIterations: 1 },
  );
  await expect(failing).rejects.toThrow(LineSearchError);
  await expect(failing).rejects.toThrow(/value NaN, at step 1/);
  expect(() => stochasticArmijo(batchAt, x0, { growth: 0.5 })).toThrow(
    /growth must be a finite number >= 1, got 0.5/,
  );
  expect(() => stochasticArmijo(batchAt, x0, { maximalStep: 0.1 })).toThrow(ArgumentError);
  expect(() => stochasticArmijo(batchAt, Float64Array.of(Number.NaN))).toThrow(/x0 must be finite/);
});
