/** Sizes of the target-surrogate case, those of the mushrooms; as in peers/torch_target_surrogate.py. */
export const targetSurrogateSizes = { rows: 8125, columns: 113, batch: 125, innerSteps: 20, eta: 4 } as const;
