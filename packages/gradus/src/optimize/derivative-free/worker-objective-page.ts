// For the test in a browser: a page that minimizes by two workers, and what its workers run.
import { solve } from "../../iterate/iterate.ts";
import { rastrigin } from "../../objectives/rastrigin.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import { answerBatches, type BatchPort, workerObjective } from "./worker-objective.ts";

const DIMENSION = 4;
export const searchOptions = {
  particles: { count: 41, lower: -3, upper: 3 },
  noiseKind: "anisotropic",
  seed: 2,
} as const;
export const SEARCH_STEPS = 20;
export const searchObjective = rastrigin(DIMENSION);

/** The particles after some steps, their values computed by workers. */
export async function searchByWorkers(ports: readonly BatchPort[]): Promise<number[]> {
  const method = consensusBasedOptimization(workerObjective(DIMENSION, ports), searchOptions);
  const { iterate } = await solve(method, { maxIterations: SEARCH_STEPS });
  return [...iterate.particles];
}

/** Answers with the values of Rastrigin's function, or throws a given error. */
export function answerSearch(port: BatchPort, failure?: string): void {
  answerBatches(port, (points) => {
    if (failure !== undefined) throw new Error(failure);
    return searchObjective.values(points);
  });
}
