/**
 * The seeds of the repetitions within one run: `first`, `first + 1`, ... for the experiment's seed 1. Runs with other
 * seeds share none of them, so that verdicts over seeds count independent runs.
 */
export function repeatSeeds(seed: number, count: number, first = 1): number[] {
  return Array.from({ length: count }, (_, k) => first + Math.max(0, seed - 1) * count + k);
}
