/** The diffusion models that are trained and sampled; peers/torch_diffusion.py has the same numbers. */
export const diffusionSizes = {
  volatility: 0.8,
  startTime: 2e-3,
  /** Steps from one iterate to the next, each of which is one call of the engine. */
  stepsPerCall: 50,
  plane: { points: 4000, hidden: [128, 128, 128], batch: 512 },
  images: { points: 1200, side: 8, filters: [16, 32], batch: 64 },
  sampling: { count: 4000, steps: 250 },
  /** Points at which the networks' outputs are compared. */
  checked: 64,
} as const;
