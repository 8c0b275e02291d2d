/** What particle methods are compared on; peers/particles.py has the same numbers. */
export const particleSizes = {
  dimension: 20,
  runs: 50,
  particles: 40,
  steps: 20,
  /** Value of Rastrigin's function that a search ends with. */
  target: 0.01,
  seeds: [1, 2, 3],
  /** The canyon of paper 18, in a square. */
  canyon: { lower: -2, upper: 8, seeds: 20 },
} as const;
