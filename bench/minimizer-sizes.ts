/** What the minimizers are compared on; peers/more_garbow_hillstrom.py writes the same problems down. */
export const minimizerSizes = {
  problems: ["rosenbrock", "wood", "bard", "kowalikOsborne", "brownDennis", "watson"],
  gradient: 1e-6,
} as const;
