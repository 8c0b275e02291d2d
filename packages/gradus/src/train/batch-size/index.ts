export { type AdaptiveTraining, adadagrad, adadagradNorm } from "./adadagrad.ts";
export { type AdaptiveBatchSizeOptions, adaptiveBatchSize } from "./adaptive-batch-size.ts";
export {
  type BatchSizeIterate,
  type BatchSizeMeasured,
  type BatchSizeProgress,
  type BatchSizeRun,
  type BatchSizeState,
  type BatchSizeTrainer,
  type BatchSizeTrainerOptions,
  compileBatchSizeTrainer,
} from "./batch-size-trainer.ts";
export {
  compileGradientStatistics,
  type GradientStatisticsOptions,
  type GradientStatisticsProgram,
} from "./compile-statistics.ts";
export type { NoState } from "./compile-update.ts";
export type { BatchSizePlace, BatchSizePolicy, BatchSizeTest, BatchSizeVerdict } from "./contract.ts";
export { type CoordinateNormTestOptions, coordinateNormTest } from "./coordinate-norm-test.ts";
export {
  augmentedInnerProductTest,
  type InnerProductTestOptions,
  innerProductTest,
  type OrthogonalityTestOptions,
  orthogonalityTest,
} from "./inner-product-test.ts";
export { type NormTestOptions, normTest } from "./norm-test.ts";
export {
  constantBatchSize,
  type LinearBatchSizeOptions,
  linearBatchSize,
  type StagewiseBatchSizeOptions,
  stagewiseBatchSize,
} from "./planned-batch-sizes.ts";
export {
  type Drawn,
  dataOracle,
  type OracleState,
  type SampleOracle,
  type ShuffleState,
  streamOracle,
} from "./sample-oracle.ts";
export {
  type BatchStatistics,
  type GradientStatistics,
  mergeStatistics,
  type StatisticsPart,
} from "./statistics.ts";
