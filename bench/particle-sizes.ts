/** What particle methods are compared on; peers/particles.py has the same numbers. */
export const particleSizes = {
  dimension: 20,
  runs: 50,
  particles: 40,
  steps: 20,
  /** Value of Rastrigin's function that a search ends with. */
  target: 0.01,
  seeds: [1, 2, 3],
} as const;
