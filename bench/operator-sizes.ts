/** Sizes of the operator cases, the paper's networks; as in peers/torch_operators.py. */
export const operatorSizes = { sensors: 100, width: 40, learningRate: 1e-3, epsilon: 1e-7 } as const;

/** Functions, and steps in one call. */
export const operatorSteps: Readonly<Record<"deeponet-1000" | "deeponet-10000", readonly [number, number]>> =
  {
    "deeponet-1000": [1000, 50],
    "deeponet-10000": [10_000, 10],
  };

/** Generation of training data: input functions on a grid of [0, 1], each solved up to its own location. */
export const operatorDataSizes = { functions: 100, points: 1001, waves: 5 } as const;
