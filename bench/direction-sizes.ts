/** Sizes of the cases of learned search directions; as in peers/torch_direction.py and peers/grids.py. */
export const directionSizes = {
  /** Neumann's problem for a plume: cells per side, relative residual. */
  grid: { cells: 256, tolerance: 1e-4 },
  /** A training step of the small network: cells per side, rows of a batch, the network, plain gradient descent. */
  step: { cells: 32, batch: 8, filters: 8, pre: 1, coarse: 2, fine: 1, learningRate: 0.01 },
} as const;
