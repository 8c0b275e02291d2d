export { type AdamOptions, adam } from "./adam.ts";
export { type BatchPlan, shuffledBatches, stratifiedBatches } from "./batches.ts";
export { sgd } from "./sgd.ts";
export * from "./train.ts";
export { chain, type GradientTransformation } from "./transformation.ts";
