/** The score network that is trained; peers/torch_score.py has the same numbers. */
export const scoreSizes = {
  rows: 400,
  inputs: 4,
  outputs: 2,
  width: 2048,
  learningRate: 0.5,
  checkedSteps: 5,
} as const;
