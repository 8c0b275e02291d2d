/** Sizes of the sampled programs of convex networks; as in peers/convex_networks.py. */
export const convexNetworkSizes = {
  inputs: 8,
  directions: 4000,
  rows: [40, 200, 1000],
  /** beta over the number of rows. */
  penalty: 0.0075,
  /** The duality gap over |y|^2. */
  gap: 1e-6,
} as const;

/** Digits 2 and 8 of MNIST, averaged over squares of 2 x 2 pixels; peers/torch_convex_networks.py has the same numbers. */
export const imageNetworkSizes = {
  classes: [2, 8],
  rows: 1000,
  pixels: 14 * 14,
  beta: 0.01,
  /** The objective of the network with which training ends. */
  objective: 1,
  /** Of a grid, what served best over three seeds. */
  admm: { patterns: 40, rho: 0.02, relaxation: 1.8, seed: 1 },
} as const;
