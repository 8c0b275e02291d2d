/** Sizes of the bilevel cases; as in peers/torch_bilevel.py. */
export const bilevelSizes = {
  /** phi(A y) = B x in y, A of `rows` x `dy` with orthogonal rows of lengths 1.2 down to 0.8. */
  regular: { dx: 5, dy: 20, rows: 8, sigma: 9e-5, tolerance: 3e-3, innerSteps: 10, stepSize: 0.2 },
  /** Weights of examples of a softmax regression, `steps` steps of the weights. */
  cleaning: {
    train: 500,
    validation: 300,
    features: 64,
    classes: 10,
    ridge: 1e-3,
    sigma: 0.1,
    innerSteps: 5,
    stepSize: 500,
    steps: 40,
  },
} as const;
