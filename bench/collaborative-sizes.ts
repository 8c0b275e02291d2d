/** Sizes of the collaborative cases; as in peers/torch_collaborative.py. */
export const collaborativeSizes = {
  aggregation: { nodes: 50, faulty: 4, dimension: 1_000_000 },
  mixing: { nodes: 26, faulty: 5, dimension: 431_080 },
} as const;
