export { type AdamOptions, adam } from "./adam.ts";
export { type BatchPlan, shuffledBatches, stratifiedBatches } from "./batches.ts";
export type * from "./contract.ts";
export { sgd } from "./sgd.ts";
export { compileTrainer, train } from "./train.ts";
export { chain, type GradientTransformation } from "./transformation.ts";
