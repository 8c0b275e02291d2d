import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { canyon } from "../../objectives/canyon.ts";
import type { BatchObjective } from "./batch-objective.ts";
import { annealedNoise, type LangevinOptions, langevinDynamics } from "./langevin-dynamics.ts";

const half: BatchObjective = {
  dimension: 1,
  value: ([x]) => (x * x) / 2,
  gradient: ([x]) => Float64Array.of(x),
};

async function after(steps: number, f: BatchObjective, x0: number, options: LangevinOptions) {
  return (await solve(langevinDynamics(f, x0, options), { maxIterations: steps })).iterate;
}

test("on a quadratic the runs have the mean and variance of the discrete Ornstein-Uhlenbeck process", async () => {
  const [dt, s, steps, runs] = [0.1, 0.8, 40, 20_000];
  const { x } = await after(steps, half, 3, { timeStep: dt, noise: s, runs, seed: 1 });
  const mean = x.reduce((sum, one) => sum + one, 0) / runs;
  const variance = x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / runs;
  const a = (1 - dt) ** 2;
  const expected = (s * s * dt * (1 - a ** steps)) / (1 - a);
  expect(Math.abs(mean - 3 * (1 - dt) ** steps)).toBeLessThan(5 * Math.sqrt(expected / runs));
  expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / runs));
});

test("gradient descent on the canyon stops in the local minimum that the authors' figure shows", async () => {
  const f = canyon();
  const exact = await after(10_000, f, 8, { noise: 0 });
  const byValues = await after(10_000, { dimension: 2, values: f.values }, 8, { noise: 0 });
  for (const { x } of [exact, byValues]) {
    expect(x[0]).toBeCloseTo(2.336, 2);
    expect(x[1]).toBeCloseTo(2.466, 2);
  }
  expect(exact.gradients).toBe(10_000);
  expect(byValues.evaluations).toBe(40_000);
});

test("annealed noise falls as 1 / ln(k + 1)", () => {
  const noise = annealedNoise(10);
  expect(noise(1)).toBeCloseTo(10 / Math.LN2, 12);
  expect(noise(99)).toBeCloseTo(10 / Math.log(100), 12);
  expect(() => annealedNoise(-1)).toThrow("scale must be a non-negative number");
});

test("resumes bit for bit, and names divergence", async () => {
  const options = { noise: annealedNoise(1), runs: 3, seed: 4 } as const;
  const { iteration, state } = await after(7, half, 1, options);
  const resumed = await after(20, half, 1, { ...options, resume: { iteration, state } });
  expect(resumed.state).toEqual((await after(20, half, 1, options)).state);
  await expect(after(2000, half, 1, { noise: 0, timeStep: 5 })).rejects.toThrow("Langevin dynamics diverged");
  expect(() => langevinDynamics(half, 1, { noise: -1 })).toThrow("noise must be");
  expect(() => langevinDynamics(half, 1, { noise: 1, timeStep: 0 })).toThrow("timeStep must be");
});
