/** The networks that PyTorch exports and both train; peers/imported_models.py has the same numbers. */
export const importedSizes = {
  classes: 10,
  learningRate: 0.01,
  residual: { batch: 32, side: 32 },
  transformer: { batch: 16, length: 64, width: 128, heads: 4, layers: 2 },
  /** Layers of 512 x 512 weights in float32: 10 MB. */
  large: { layers: 10, width: 512 },
} as const;
