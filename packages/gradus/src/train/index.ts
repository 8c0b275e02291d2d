export { type AdagradNormOptions, type AdagradOptions, adagrad, adagradNorm } from "./adagrad.ts";
export { type AdamOptions, type AdamwOptions, adam, adamw } from "./adam.ts";
export {
  type ExponentialAveragingOptions,
  exponentialAveraging,
  type ParameterAveraging,
  polyakAveraging,
} from "./average-parameters.ts";
export * from "./batch-size/index.ts";
export {
  type BatchPlan,
  type ShuffledBatchesOptions,
  shuffledBatches,
  stratifiedBatches,
} from "./batches.ts";
export * from "./compile-step.ts";
export type * from "./contract.ts";
export * from "./curvature-rates/index.ts";
export { DivergenceError, type DivergencePlace } from "./divergence.ts";
export * from "./evaluator.ts";
export { type RmspropOptions, rmsprop } from "./rmsprop.ts";
export * from "./schedules/index.ts";
export { type HeavyBallOptions, heavyBall, nesterov, type SgdOptions, sgd } from "./sgd.ts";
export {
  type Best,
  type EarlyStoppingIterate,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
  stopEarly,
} from "./stop-early.ts";
export * from "./target-surrogate/index.ts";
export { compileTrainer, train } from "./train.ts";
export { chain, type GradientTransformation, type StepContext } from "./transformation.ts";
export * from "./transformations/index.ts";
