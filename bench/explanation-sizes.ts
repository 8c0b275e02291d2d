/** What explanations are compared on; peers/torch_explanations.py has the same numbers. */
export const explanationSizes = {
  rows: 100,
  features: 23,
  hidden: [8, 8, 8, 8, 8, 8, 8],
  samples: 1000,
  sigma: 0.1,
  nodes: 64,
} as const;
