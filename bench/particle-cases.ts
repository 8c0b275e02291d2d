import type { Case, Contender } from "./cases.ts";
import { particleSizes } from "./particle-sizes.ts";

const onHost = (program: string, label: string): Contender => ({ peer: "gradus-host", program, label });
const inScipy = (program: string, label: string): Contender => ({ peer: "scipy", program, label });

const { dimension, runs, particles, target, seeds, canyon } = particleSizes;

/** Particles on Rastrigin's function: the time of a step, and of finding the minimum, with evaluations as iterations. */
export const particleCases: readonly Case[] = [
  {
    id: "particles-step",
    title: `Consensus-based optimization on Rastrigin's function, ${dimension} dimensions, ${runs} runs of ${particles} particles`,
    unit: "particle-step",
    contenders: [onHost("particles-step", "gradus"), inScipy("particles-step", "NumPy, CBXpy's loop")],
    budgets: [{ against: "NumPy, CBXpy's loop", atMost: 0.5 }],
    // positions after some steps without noise
    tolerance: 1e-9,
  },
  {
    id: "particles-minimum",
    title: `Rastrigin's function in ${dimension} dimensions to ${target}, ${seeds.length} seeds (iterations are evaluations, all seeds together)`,
    unit: `${seeds.length} searches`,
    contenders: [
      onHost("particles-minimum-consensus", "gradus"),
      onHost("particles-minimum-cma-es", "gradus, CMA-ES of 400 samples"),
      inScipy("particles-minimum-differential-evolution", "scipy, differential_evolution, 0.1 crossings"),
      inScipy("particles-minimum-dual-annealing", "scipy, dual_annealing"),
    ],
    budgets: [],
    tolerance: 0,
  },
  {
    id: "particles-canyon",
    title: `A canyon with barriers on [${canyon.lower}, ${canyon.upper}]^2 to ${target}, ${canyon.seeds} seeds (iterations are evaluations, all seeds together)`,
    unit: `${canyon.seeds} searches`,
    contenders: [
      onHost("particles-canyon", "gradus, 30 particles, dt = 0.05"),
      onHost("particles-canyon-paper", "gradus, the paper's parameters"),
      inScipy("particles-canyon-differential-evolution", "scipy, differential_evolution, populations of 100"),
      inScipy("particles-canyon-dual-annealing", "scipy, dual_annealing"),
    ],
    budgets: [],
    tolerance: 0,
  },
];
