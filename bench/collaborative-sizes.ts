/** Sizes of the collaborative cases; as in peers/torch_collaborative.py. */
export const collaborativeSizes = {
  aggregation: { nodes: 50, faulty: 4, dimension: 1_000_000 },
  mixing: { nodes: 26, faulty: 5, dimension: 431_080 },
} as const;

/** The published training on the digits: every honest node has `rows` of them, and takes all in every step. */
export const collaborativeTrainingSizes = {
  nodes: 26,
  faulty: 5,
  rows: 25,
  widths: [64, 32, 10],
  steps: 10,
  evaluations: 8,
  learningRate: 0.75,
  momentum: 0.99,
  regularization: 1e-4,
} as const;
