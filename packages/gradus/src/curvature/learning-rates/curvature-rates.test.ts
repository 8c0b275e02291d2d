import { array, mean, mul, square, sub, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { diagonalOperator } from "../../linalg/operator/structured.ts";
import { heavyBall } from "../../train/sgd.ts";
import { train } from "../../train/train.ts";
import { curvatureMomentum } from "./curvature-momentum.ts";
import { curvatureSchedule } from "./curvature-schedule.ts";
import { heavyBallRates } from "./heavy-ball-rates.ts";

describe("rates of the heavy ball", () => {
  test("are Polyak's: its iteration on both ends contracts by sqrt rho, and no others do better", () => {
    const [lambdaMax, bulk] = [9, 1];
    const best = heavyBallRates({ lambdaMax, bulk, mode: "polyak", safety: 1 });
    expect(best).toEqual({ learningRate: 0.25, momentum: 0.25 });
    // spectral radius of [[1 + rho - alpha lambda, -rho], [1, 0]]
    const radius = (alpha: number, rho: number) =>
      Math.max(
        ...[bulk, lambdaMax].map((lambda) => {
          const t = 1 + rho - alpha * lambda;
          const d = t * t - 4 * rho;
          return d < 0 ? Math.sqrt(rho) : (Math.abs(t) + Math.sqrt(d)) / 2;
        }),
      );
    const reached = radius(best.learningRate, best.momentum);
    expect(reached).toBeCloseTo(0.5, 7);
    for (const a of [0.8, 0.95, 1.05, 1.2])
      for (const r of [0.8, 0.95, 1.05, 1.2])
        expect(radius(a * best.learningRate, r * best.momentum)).toBeGreaterThan(reached);
  });

  test("are 2/lambda (1 - rho) where noise leads, with the safety of the mode, and a cap on the momentum", () => {
    expect(heavyBallRates({ lambdaMax: 9, bulk: 1 })).toEqual({
      learningRate: (2 / 9) * 0.75,
      momentum: 0.25,
    });
    expect(heavyBallRates({ lambdaMax: 9, bulk: 1, mode: "polyak" }).learningRate).toBe(0.125);
    expect(heavyBallRates({ lambdaMax: 1, bulk: 1e-9 }).momentum).toBe(0.99);
    expect(() => heavyBallRates({ lambdaMax: 0, bulk: 1 })).toThrow("lambdaMax");
    expect(() => heavyBallRates({ lambdaMax: 1, bulk: 1, safety: -1 })).toThrow(ArgumentError);
  });
});

describe("the schedule", () => {
  const bulkOf = (values: readonly number[]) => values.reduce((t, v) => t + Math.abs(v) / values.length, 0);

  test("finds the largest eigenvalue and the mean size of the spectrum", async () => {
    const values = Array.from({ length: 400 }, (_, i) => (i === 0 ? 10 : i % 2 === 0 ? 0.5 : -0.5));
    const H = diagonalOperator(Float64Array.from(values));
    const schedule = curvatureSchedule({ draws: 8 });
    const { rates, kept } = await schedule.update(() => H);
    expect(kept).toBeUndefined();
    expect(rates.lambdaMax).toBeCloseTo(10, 10);
    expect(Math.abs(rates.bulk - bulkOf(values))).toBeLessThan(0.05);
    // three distinct eigenvalues: three steps a draw
    expect([schedule.updates, schedule.products]).toEqual([1, 24]);
    expect(rates).toMatchObject(heavyBallRates({ lambdaMax: rates.lambdaMax, bulk: rates.bulk }));
  });

  test("smooths, limits how fast the rate grows, and lets it fall at once", async () => {
    const scaled = (size: number) => diagonalOperator(Float64Array.of(4 * size, size, size));
    const schedule = curvatureSchedule();
    const first = (await schedule.update(() => scaled(1))).rates;
    expect(first.lambdaMax).toBeCloseTo(4, 12);
    const second = (await schedule.update(() => scaled(0.01))).rates;
    expect(second.lambdaMax).toBeCloseTo(2.02, 12);
    expect(second.learningRate).toBeLessThan(1.5 * first.learningRate * (1 + 1e-12));
    const third = (await schedule.update(() => scaled(0.01))).rates;
    expect(third.learningRate).toBeCloseTo(1.5 * second.learningRate, 12);
    const fourth = (await schedule.update(() => scaled(1000))).rates;
    expect(fourth.learningRate).toBeLessThan(0.01 * third.learningRate);
    expect(schedule.rates).toEqual(fourth);
  });

  test("asks for every draw, and continues where it was", async () => {
    const draws: number[] = [];
    const of = (draw: number) => {
      draws.push(draw);
      return diagonalOperator(Float64Array.of(1 + draw, 0.5, 0.2));
    };
    const whole = curvatureSchedule({ draws: 3, steps: 2, seed: 4 });
    const first = await whole.update(of);
    await whole.update(of);
    expect(draws).toEqual([0, 1, 2, 0, 1, 2]);
    const resumed = curvatureSchedule({
      draws: 3,
      steps: 2,
      seed: 4,
      resume: { updates: 1, rates: first.rates },
    });
    await resumed.update(of);
    expect(resumed.rates).toEqual(whole.rates);
  });

  test("keeps its rates where there is no positive or finite curvature, and says why", async () => {
    const [up, down] = [Float64Array.of(2, 1), Float64Array.of(-200, -100)];
    const broken = Float64Array.of(Number.NaN, 1);
    await expect(curvatureSchedule().update(() => diagonalOperator(down))).rejects.toThrow(ConvergenceError);
    await expect(curvatureSchedule().update(() => diagonalOperator(broken))).rejects.toThrow(
      "the first update of the learning rates failed: probe 0",
    );
    const schedule = curvatureSchedule();
    const { rates } = await schedule.update(() => diagonalOperator(up));
    const negative = await schedule.update(() => diagonalOperator(down));
    expect(negative.rates).toBe(rates);
    expect(negative.kept).toContain("wanted a finite number > 0");
    const notFinite = await schedule.update(() => diagonalOperator(broken));
    expect(notFinite.kept).toContain("step 1");
    expect(schedule.rates).toBe(rates);
    expect(schedule.updates).toBe(3);
  });

  test("refuses options out of range", () => {
    expect(() => curvatureSchedule({ draws: 0 })).toThrow("draws must be a positive integer, got 0");
    expect(() => curvatureSchedule({ steps: 1.5 })).toThrow("steps");
    expect(() => curvatureSchedule({ smoothing: 0 })).toThrow("smoothing must be in (0, 1], got 0");
    expect(() => curvatureSchedule({ growth: 0.5 })).toThrow("growth");
    expect(() => curvatureSchedule({ safety: 0 })).toThrow("safety");
  });
});

test("curvatureMomentum takes the steps of the heavy ball while its rates stay as they are", async () => {
  const problem = {
    parameters: { w: array(Float64Array.of(1, -2)) },
    data: { x: array(Float64Array.of(1, 2, 0.5, -1, 3, 1), [3, 2]) },
    loss: ({ w }: { w: Tensor }, { x }: { x: Tensor }) => mul(mean(square(sub(mul(x, w), 1))), 0.5),
    batchSize: "full",
  } as const;
  const options = { learningRate: 0.1, momentum: 0.7 };
  const ours = await solve(train({ ...problem, optimizer: curvatureMomentum(options), epochs: 20 }));
  const theirs = await solve(train({ ...problem, optimizer: heavyBall(options), epochs: 20 }));
  expect(ours.iterate.parameters.w.data[1]).toBeCloseTo(Number(theirs.iterate.parameters.w.data[1]), 13);
  expect(ours.iterate.parameters.w.data[0]).toBeCloseTo(Number(theirs.iterate.parameters.w.data[0]), 13);
});
