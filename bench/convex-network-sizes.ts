/** Sizes of the sampled programs of convex networks; as in peers/convex_networks.py. */
export const convexNetworkSizes = {
  inputs: 8,
  directions: 4000,
  rows: [40, 200],
  /** beta over the number of rows. */
  penalty: 0.0075,
  /** The duality gap over |y|^2. */
  gap: 1e-6,
} as const;
