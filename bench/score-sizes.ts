/** The score network that is trained (peers/torch_score.py has the same numbers) and its kernel (peers/score_kernel.py). */
export const scoreSizes = {
  rows: 400,
  inputs: 4,
  outputs: 2,
  width: 2048,
  learningRate: 0.5,
  checkedSteps: 5,
  kernel: { rows: 1000, noise: 0.5 },
} as const;
