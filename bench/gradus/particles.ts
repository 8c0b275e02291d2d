import { solve } from "gradus/iterate";
import { canyon, rastrigin } from "gradus/objectives";
import {
  cmaEs,
  consensusBasedOptimization,
  growingInverseTemperature,
  minimizeByValues,
  type ValueMinimum,
} from "gradus/optimize/derivative-free";
import { particleSizes } from "../particle-sizes.ts";
import type { Runner } from "../worker.ts";

const { dimension, runs, particles, steps, target, seeds, canyon: square } = particleSizes;
const objective = rastrigin(dimension);

/** Steps with CBXpy's settings; the check goes without noise, from positions that the peer has too. */
export function particleSteps(): Runner {
  const settings = {
    noiseKind: "anisotropic",
    inverseTemperature: growingInverseTemperature({ start: 30 }),
    runs,
    seed: 1,
  } as const;
  const iterates = consensusBasedOptimization(objective, {
    ...settings,
    particles: { count: particles, lower: -3, upper: 3 },
    noise: 10.1,
  });
  return {
    reset() {},
    async call() {
      for (let k = 0; k < steps; k++) await iterates.next();
    },
    unitsPerCall: steps * runs * particles,
    async check() {
      const rows = runs * particles;
      const values = Float64Array.from({ length: rows * dimension }, (_, k) => 3 * Math.sin(k + 1));
      const start = { rows, columns: dimension, values };
      const { iterate } = await solve(
        consensusBasedOptimization(objective, { ...settings, particles: start, noise: 0 }),
        { maxIterations: 5 },
      );
      return [iterate.particles[0], iterate.particles[rows * dimension - 1], iterate.bestValue];
    },
  };
}

type Search = (seed: number) => Promise<ValueMinimum>;

/** Searches until the target, one a seed; each is seen to get there. */
function searches(search: Search, of: readonly number[]): Runner {
  let evaluations = 0;
  const call = async () => {
    const found = [];
    for (const seed of of) found.push(await search(seed));
    return found;
  };
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      const found = await call();
      evaluations = found.reduce((sum, one) => sum + one.evaluations, 0);
      return found.map(({ value }) => (value <= target ? 1 : 0));
    },
    iterations: () => evaluations,
  };
}

/** The minimum of Rastrigin's function. */
export function particleMinimum(method: "consensus" | "cma-es"): Runner {
  const search: Search = (seed) =>
    minimizeByValues(objective, {
      method: (f, attempt) =>
        method === "consensus"
          ? consensusBasedOptimization(f, {
              particles: { count: particles, lower: -3, upper: 3 },
              noise: 10.1,
              noiseKind: "anisotropic",
              inverseTemperature: growingInverseTemperature({ start: 30 }),
              seed: attempt.seed,
              maxEvaluations: attempt.maxEvaluations,
            })
          : cmaEs(f, 1, {
              width: 2,
              samples: 400,
              seed: attempt.seed,
              maxEvaluations: attempt.maxEvaluations,
            }),
      maxEvaluations: 2_000_000,
      restarts: 20,
      target,
      seed,
    });
  return searches(search, seeds);
}

/** The minimum of the canyon: with the parameters of the paper's Figure 1, or with fewer particles and longer steps. */
export function particleCanyon(setting: "paper" | "fast"): Runner {
  const landscape = canyon();
  const { lower, upper } = square;
  const [count, timeStep, steps] =
    setting === "paper" ? [200, 0.01, Number.POSITIVE_INFINITY] : [30, 0.05, 100];
  const search: Search = (seed) =>
    minimizeByValues(landscape, {
      method: (f, attempt) =>
        consensusBasedOptimization(f, {
          particles: { count, lower, upper },
          timeStep,
          noise: 1.6,
          inverseTemperature: 100,
          seed: attempt.seed,
          maxEvaluations: Math.min(attempt.maxEvaluations, steps * count),
        }),
      maxEvaluations: 2_000_000,
      restarts: 100,
      target,
      seed,
    });
  return searches(
    search,
    Array.from({ length: square.seeds }, (_, k) => k + 1),
  );
}
