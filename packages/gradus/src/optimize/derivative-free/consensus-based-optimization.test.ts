import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { canyon } from "../../objectives/canyon.ts";
import { rastrigin } from "../../objectives/rastrigin.ts";
import { type BatchObjective, objectiveFromFunction } from "./batch-objective.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import type { ConsensusOptions } from "./consensus-options.ts";
import { meanSquareFactor } from "./consensus-step.ts";
import { growingInverseTemperature } from "./inverse-temperature.ts";

const bowl = (dimension: number): BatchObjective => ({
  dimension,
  values(points) {
    const values = new Float64Array(points.length / dimension);
    for (let k = 0; k < points.length; k++) values[Math.floor(k / dimension)] += points[k] ** 2;
    return values;
  },
});

/** The iterate after some steps. */
async function after(steps: number, objective: BatchObjective, options: ConsensusOptions) {
  return (await solve(consensusBasedOptimization(objective, options), { maxIterations: steps })).iterate;
}

const cloud = { count: 30, mean: 1, deviation: 2 };

describe("the step", () => {
  test.each(["isotropic", "anisotropic"] as const)(
    "changes the mean square distance from the minimizer by the known factor, %s noise",
    async (noiseKind) => {
      // Particles on both sides of the minimizer, which is one of them and so the consensus point at alpha = Infinity.
      const [count, d, timeStep, drift, noise] = [20_000, 3, 0.05, 1.3, 0.7];
      const values = new Float64Array(count * d).map((_, k) => (k < d ? 0 : Math.sin(k * 7.3)));
      const start = { rows: count, columns: d, values };
      const options: ConsensusOptions = {
        particles: start,
        timeStep,
        drift,
        noise,
        noiseKind,
        inverseTemperature: Number.POSITIVE_INFINITY,
        seed: 3,
      };
      const square = (x: Float64Array) => x.reduce((sum, one) => sum + one * one, 0);
      const { particles } = await after(1, bowl(d), options);
      const factor = meanSquareFactor({ timeStep, drift, noise, noiseKind, dimension: d });
      expect(square(particles) / square(values) / factor).toBeCloseTo(1, 2);
    },
  );

  test("without noise all particles move to the consensus point by lambda dt", async () => {
    const options = { particles: cloud, noise: 0, timeStep: 0.25, drift: 2, seed: 1 } as const;
    const first = await after(0, bowl(2), options);
    const second = await after(1, bowl(2), options);
    second.particles.forEach((x, k) => {
      expect(x).toBeCloseTo((first.particles[k] + first.consensus[k % 2]) / 2, 12);
    });
  });

  test("truncated noise moves no particle by more than its radius allows", async () => {
    const options = { particles: { ...cloud, mean: 100, deviation: 50 }, noise: 3, seed: 2 } as const;
    for (const noiseKind of ["isotropic", "anisotropic"] as const) {
      const still = await after(1, bowl(2), { ...options, noiseKind, noise: 0 });
      const free = await after(1, bowl(2), { ...options, noiseKind });
      const cut = await after(1, bowl(2), { ...options, noiseKind, maxNoiseRadius: 0.1 });
      const farthest = (x: Float64Array) =>
        Math.max(...x.map((one, k) => Math.abs(one - still.particles[k])));
      expect(farthest(free.particles)).toBeGreaterThan(10);
      // 3 sqrt(0.01) 0.1 times the largest of 60 normal numbers
      expect(farthest(cut.particles)).toBeLessThan(0.03 * 5);
    }
  });

  test("gradient drift is one step of gradient descent, by the gradient or by differences", async () => {
    const f = canyon();
    const options = { particles: cloud, noise: 0, drift: 0, timeStep: 0.1, seed: 4 } as const;
    const still = await after(0, f, options);
    const exact = await after(1, f, { ...options, gradientDrift: 0.5 });
    const byValues = await after(1, { dimension: 2, values: f.values }, { ...options, gradientDrift: 0.5 });
    for (let i = 0; i < 30; i++) {
      const x = still.particles.slice(2 * i, 2 * i + 2);
      f.gradient(x).forEach((slope, j) => {
        expect(exact.particles[2 * i + j]).toBeCloseTo(x[j] - 0.05 * slope, 10);
        expect(byValues.particles[2 * i + j]).toBeCloseTo(x[j] - 0.05 * slope, 5);
      });
    }
    expect(exact.gradients).toBe(30);
    expect(byValues.evaluations - exact.evaluations).toBe(30 * 4);
  });

  test("with memory the consensus is that of the best positions, which attract their particles", async () => {
    const options = { particles: cloud, noise: 3, timeStep: 0.5, seed: 5, memory: { drift: 0.4 } } as const;
    let best: { points: number[][]; values: number[] } | undefined;
    for await (const { iteration, particles, values, consensus } of consensusBasedOptimization(bowl(2), {
      ...options,
      inverseTemperature: Number.POSITIVE_INFINITY,
    })) {
      const points = Array.from(values, (_, i) => [...particles.slice(2 * i, 2 * i + 2)]);
      best ??= { points, values: [...values] };
      for (let i = 0; i < 30; i++)
        if (values[i] < best.values[i]) {
          best.values[i] = values[i];
          best.points[i] = points[i];
        }
      expect([...consensus]).toEqual(best.points[best.values.indexOf(Math.min(...best.values))]);
      if (iteration === 10) break;
    }
    const strong = await after(1, bowl(2), { ...options, memory: { drift: 0, noise: 2 } });
    const none = await after(1, bowl(2), { ...options, memory: { drift: 0 } });
    // At the first step every particle is at its best position: memory neither pulls nor scatters.
    expect(strong.evaluations).toBe(none.evaluations);
    expect(none.particles).toEqual((await after(1, bowl(2), { ...options, memory: undefined })).particles);
  });
});

describe("batches of particles", () => {
  test("a pass asks for each particle's value once, and partial updates move the batch alone", async () => {
    const asked: number[] = [];
    const counting: BatchObjective = {
      dimension: 1,
      values(points) {
        asked.push(points.length);
        return points.map((x) => x * x);
      },
    };
    const particleBatch = { size: 4, update: "partial" } as const;
    const particles = { count: 10, mean: 0, deviation: 1 };
    const options = { particles, particleBatch, inverseTemperature: 0.1, seed: 1 } as const;
    let last: Float64Array | undefined;
    for await (const { iteration, particles: points, values, evaluations } of consensusBasedOptimization(
      counting,
      options,
    )) {
      if (last) {
        const moved = points.filter((x, i) => x !== last?.[i]).length;
        expect(moved).toBe([2, 4, 4][iteration % 3]);
      }
      last = points;
      if (iteration === 2) {
        expect(values.every(Number.isFinite)).toBe(true);
        expect(evaluations).toBe(10);
      }
      if (iteration === 6) break;
    }
    expect(asked).toEqual([4, 4, 2, 4, 4, 2, 4]);
    const full = await after(1, bowl(1), { ...options, particleBatch: { size: 4, update: "full" } });
    const start = await after(0, bowl(1), options);
    expect(full.particles.filter((x, i) => x !== start.particles[i]).length).toBe(10);
  });

  test("particles that agree are kicked", async () => {
    const options = { particles: { count: 5, mean: 3, deviation: 0 }, noise: 1, seed: 1 } as const;
    const rest = await after(3, bowl(2), options);
    expect(rest.status).toBe("collapsed");
    expect(rest.particles).toEqual(new Float64Array(10).fill(3));
    const kicked = await after(3, bowl(2), { ...options, kickTolerance: 1e-5 });
    expect(kicked.spreads[0]).toBeGreaterThan(0.01);
  });
});

describe("several runs", () => {
  test("a run does not depend on how many there are", async () => {
    const options = { particles: cloud, noise: 0.5, seed: 8 } as const;
    const one = await after(20, rastrigin(3), { ...options, runs: 1 });
    const four = await after(20, rastrigin(3), { ...options, runs: 4 });
    expect(four.consensus.slice(0, 3)).toEqual(one.consensus);
    expect(four.bestValues[0]).toBe(one.bestValues[0]);
    expect(four.evaluations).toBe(4 * one.evaluations);
    expect(four.bestValue).toBe(Math.min(...four.bestValues));
    expect(rastrigin(3).value(four.bestPoint)).toBe(four.bestValue);
    expect(new Set(four.bestValues).size).toBe(4);
  });

  test("a run that has ended asks for nothing more, and changes nothing in the others", async () => {
    const particles = {
      rows: 8,
      columns: 1,
      values: Float64Array.of(2, 2, 2, 2, -3, 1, 2, 5),
    };
    const { evaluations, consensus } = await after(5, bowl(1), { particles, runs: 2, seed: 1 });
    expect(evaluations).toBe(8 + 5 * 4);
    expect(consensus[0]).toBe(2);
  });
});

test("anisotropic noise finds the minimum of Rastrigin's function in 10 dimensions, isotropic noise does not", async () => {
  const particles = { count: 200, lower: -3, upper: 3 };
  const inverseTemperature = growingInverseTemperature({ start: 30 });
  const found = await after(1000, rastrigin(10), {
    particles,
    noise: 9,
    noiseKind: "anisotropic",
    inverseTemperature,
    seed: 1,
  });
  expect(Math.max(...found.bestPoint.map(Math.abs))).toBeLessThan(0.25);
  const lost = await after(1000, rastrigin(10), { particles, noise: 0.7, inverseTemperature, seed: 1 });
  expect(Math.max(...lost.bestPoint.map(Math.abs))).toBeGreaterThan(0.25);
});

test("stays within bounds", async () => {
  const { particles, bestPoint } = await after(50, bowl(2), {
    particles: { count: 20, mean: 3, deviation: 5 },
    bounds: { lower: [1, -1], upper: [4, Number.POSITIVE_INFINITY] },
    noise: 3,
    seed: 1,
  });
  for (let i = 0; i < 20; i++) {
    expect(particles[2 * i]).toBeGreaterThanOrEqual(1);
    expect(particles[2 * i]).toBeLessThanOrEqual(4);
    expect(particles[2 * i + 1]).toBeGreaterThanOrEqual(-1);
  }
  expect(bestPoint[0]).toBe(1);
});

describe("the end", () => {
  test("by the spread, by a resting consensus point, by the budget", async () => {
    const options = { particles: cloud, noise: 0.1, seed: 1 } as const;
    const small = await after(5000, bowl(2), { ...options, spreadTolerance: 1e-3 });
    expect(small.status).toBe("converged");
    expect(small.spreads[0]).toBeLessThanOrEqual(1e-3);
    const resting = await after(5000, bowl(2), { ...options, restTolerance: 1e-4, restingSteps: 5 });
    expect(resting.status).toBe("converged");
    const spent = await after(5000, bowl(2), { ...options, maxEvaluations: 100 });
    expect(spent).toMatchObject({ status: "evaluation-limit", evaluations: 90, iteration: 2 });
  });

  test("resumes bit for bit, from text, with memory, batches and several runs", async () => {
    const options: ConsensusOptions = {
      particles: cloud,
      noise: 1,
      runs: 2,
      memory: { drift: 0.2, noise: 0.1 },
      particleBatch: { size: 7, update: "full" },
      seed: 6,
    };
    const { iteration, state } = await after(13, rastrigin(2), options);
    const { state: kept } = parseCheckpoint(serializeCheckpoint({ state })) as { state: typeof state };
    const resumed = await after(30, rastrigin(2), { ...options, resume: { iteration, state: kept } });
    const whole = await after(30, rastrigin(2), options);
    expect(resumed.state).toEqual(whole.state);
    expect(() =>
      consensusBasedOptimization(rastrigin(3), { ...options, resume: { iteration, state } }),
    ).toThrow("resume must be a state of 2 x 30 x 3 coordinates, got 120");
  });

  test("stops on abort", async () => {
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    const { signal } = controller;
    await expect(after(10, bowl(2), { particles: cloud, signal })).rejects.toThrow("enough");
  });
});

describe("objectives", () => {
  test("an array of points at a time, at once or later, gives the same run", async () => {
    const sum = (x: Float64Array) => x.reduce((total, one) => total + one * one, 0);
    const options = { particles: cloud, seed: 9 } as const;
    const expected = (await after(10, bowl(2), options)).state;
    const atOnce = objectiveFromFunction(2, (points) => points.map(sum));
    const later = objectiveFromFunction(2, async (points) => points.map(sum));
    const onePoint: BatchObjective = { dimension: 2, value: async (x) => sum(x) };
    for (const objective of [atOnce, later, onePoint])
      expect((await after(10, objective, options)).state).toEqual(expected);
  });

  test("NaN and Infinity lose their weight and are counted", async () => {
    const holes: BatchObjective = {
      dimension: 1,
      values: (points) => points.map((x) => (x < 0 ? Number.NaN : x > 3 ? Number.POSITIVE_INFINITY : x)),
    };
    const { dropped, consensus, bestValue } = await after(5, holes, { particles: cloud, seed: 2 });
    expect(dropped).toBeGreaterThan(0);
    expect(consensus[0]).toBeGreaterThan(0);
    expect(bestValue).toBeGreaterThanOrEqual(0);
  });

  test("errors name what went wrong", async () => {
    const nowhere: BatchObjective = { dimension: 1, value: () => Number.NaN };
    const run = after(1, nowhere, { particles: { count: 2, mean: 0, deviation: 0 } });
    await expect(run).rejects.toThrow(ConvergenceError);
    await expect(run).rejects.toThrow(
      "every particle has the value NaN or Infinity at step 0, such as NaN at [0]",
    );
    const deep: BatchObjective = { dimension: 1, value: () => Number.NEGATIVE_INFINITY };
    await expect(after(1, deep, { particles: cloud })).rejects.toThrow(DataError);
    const few: BatchObjective = { dimension: 1, values: () => new Float64Array(2) };
    await expect(after(1, few, { particles: cloud })).rejects.toThrow(
      "objective.values must return a Float64Array of 30 numbers for 30 points",
    );
    const broken: BatchObjective = { dimension: 1, values: () => [1] as never };
    await expect(after(1, broken, { particles: cloud })).rejects.toThrow(ArgumentError);
    expect(() => consensusBasedOptimization({ dimension: 1 }, { particles: cloud })).toThrow(
      "objective must have a function values or value",
    );
    const wild = { particles: cloud, noise: 1e200, seed: 1 };
    const plain: BatchObjective = { dimension: 1, values: (points) => points.map((x) => (x < 0 ? 1 : 0)) };
    await expect(after(10, plain, wild)).rejects.toThrow("left the range of floating-point numbers");
  });

  test.each<readonly [Readonly<Record<string, unknown>>, string]>([
    [{ timeStep: 0 }, "timeStep must be a positive number"],
    [{ drift: -1 }, "drift must be a non-negative number"],
    [{ noise: -1 }, "noise must be a non-negative number"],
    [{ noiseKind: "both" }, 'noiseKind must be "isotropic" or "anisotropic", got "both"'],
    [{ inverseTemperature: Number.NaN }, "inverseTemperature must be"],
    [{ particles: { count: 0, mean: 0, deviation: 1 } }, "particles.count must be a positive integer"],
    [{ particles: { count: 1, lower: 1, upper: 0 } }, "particles.lower must be at most particles.upper"],
    [
      { particles: { count: 1, lower: 0, upper: Number.POSITIVE_INFINITY } },
      "particles.upper must be finite",
    ],
    [{ particles: { count: 1, mean: [1], deviation: 1 } }, "particles.mean must have 2 numbers, got 1"],
    [{ particles: 3 }, "particles must be a matrix"],
    [{ particles: { rows: 1, columns: 1, values: new Float64Array(1) } }, "particles must have 2 columns"],
    [{ bounds: { lower: 1, upper: 0 } }, "bounds.lower must be at most bounds.upper, got 1 and 0 at index 0"],
    [{ particleBatch: { size: 31, update: "full" } }, "particleBatch.size must be an integer from 1 to 30"],
    [{ particleBatch: { size: 2, update: "none" } }, "particleBatch.update must be"],
    [{ memory: { drift: -1 } }, "memory.drift must be"],
    [{ memory: { pull: 1 } }, 'memory has no option "pull"'],
    [{ maxNoiseRadius: 0 }, "maxNoiseRadius must be a positive number"],
    [{ restTolerance: 1 }, "restTolerance needs restingSteps"],
    [{ runs: 0 }, "runs must be a positive integer"],
    [{ maxEvaluations: -1 }, "maxEvaluations must be"],
    [{ sigma: 1 }, 'consensusBasedOptimization has no option "sigma"'],
  ])("%o is refused", (wrong, message) => {
    expect(() => consensusBasedOptimization(bowl(2), { particles: cloud, ...wrong } as never)).toThrow(
      message,
    );
  });

  test("a rule that gives a number out of bounds is named with its step", async () => {
    const particles = cloud;
    await expect(after(5, bowl(1), { particles, noise: (step) => 1 - step })).rejects.toThrow(
      "noise must be a non-negative number, got -1 at step 2",
    );
    await expect(after(5, bowl(1), { particles, inverseTemperature: (step) => 1 - step })).rejects.toThrow(
      "inverseTemperature must be a non-negative number or Infinity, got -1 at step 2",
    );
  });
});
