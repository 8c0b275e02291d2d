// Training

export {
  type ExponentialAveragingOptions,
  exponentialAveraging,
  type ParameterAveraging,
  polyakAveraging,
} from "./average-parameters.ts";
export {
  type BatchPlan,
  type ShuffledBatchesOptions,
  shuffledBatches,
  stratifiedBatches,
} from "./batches.ts";
export {
  type CompileStepOptions,
  compileStep,
  type Observed,
  type StepProgram,
  type StepResult,
} from "./compile-step.ts";
export type {
  EpochPlace,
  EpochProgress,
  Evaluation,
  EvaluationMetric,
  LossContext,
  LossFunction,
  Measured,
  StepOptions,
  StepState,
  Trainer,
  TrainerOptions,
  TrainIterate,
  TrainRun,
  TrainState,
  TrainView,
} from "./contract.ts";
export { DivergenceError, type DivergencePlace } from "./divergence.ts";
export {
  compileEvaluator,
  type EvaluationInput,
  type Evaluator,
  type EvaluatorOptions,
} from "./evaluator.ts";
export {
  type Best,
  type EarlyStoppingIterate,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
  stopEarly,
} from "./stop-early.ts";
export { compileTrainer, train } from "./train.ts";

// Optimizers

export { type AdagradNormOptions, type AdagradOptions, adagrad, adagradNorm } from "./adagrad.ts";
export { type AdamOptions, type AdamwOptions, adam, adamw } from "./adam.ts";
export {
  type ExponentiatedGradientOptions,
  exponentiatedGradient,
  type HypentropyGradientOptions,
  hypentropyGradient,
} from "./exponentiated-gradient.ts";
export { type RmspropOptions, rmsprop } from "./rmsprop.ts";
export { type HeavyBallOptions, heavyBall, nesterov, type SgdOptions, sgd } from "./sgd.ts";
export { chain, type GradientTransformation, type StepContext } from "./transformation.ts";

// Gradient transformations

export {
  type AverageGradientsOptions,
  type AverageGradientsState,
  averageGradients,
} from "./transformations/average-gradients.ts";
export { type ChosenPerParameter, choosePerParameter } from "./transformations/choose-per-parameter.ts";
export { clipByGlobalNorm, clipByTensorNorm } from "./transformations/clip-by-norm.ts";
export { clipByValue } from "./transformations/clip-by-value.ts";
export { addDecayedWeights, type DecayedWeightsOptions } from "./transformations/decayed-weights.ts";
export { scaleByLearningRate } from "./transformations/learning-rate.ts";
export { accumulateMomentum, type MomentumOptions } from "./transformations/momentum.ts";
export { scaleBy } from "./transformations/scale-by.ts";
export { type AdagradScaling, scaleByAdagrad } from "./transformations/scale-by-adagrad.ts";
export { scaleByAdagradNorm } from "./transformations/scale-by-adagrad-norm.ts";
export { type AdamScaling, type AdamState, scaleByAdam } from "./transformations/scale-by-adam.ts";
export { type RmsScaling, type RmsState, scaleByRms } from "./transformations/scale-by-rms.ts";

// Schedules

export { constantSchedule } from "./schedules/constant.ts";
export { type CosineDecayOptions, cosineDecay } from "./schedules/cosine-decay.ts";
export { type ExponentialDecayOptions, exponentialDecay } from "./schedules/exponential-decay.ts";
export { exponentialStepSize } from "./schedules/exponential-step-size.ts";
export { type InverseTimeDecayOptions, inverseTimeDecay } from "./schedules/inverse-time-decay.ts";
export { joinSchedules } from "./schedules/join.ts";
export { type PiecewiseConstantOptions, piecewiseConstant } from "./schedules/piecewise-constant.ts";
export { type PolynomialDecayOptions, polynomialDecay } from "./schedules/polynomial-decay.ts";
export { bySamples, type SampleSchedule, type Schedule, type TracedSchedule } from "./schedules/schedule.ts";
export { type WarmUpOptions, warmUp } from "./schedules/warm-up.ts";

// Batch-size policies

export { type AdaptiveTraining, adadagrad, adadagradNorm } from "./batch-size/adadagrad.ts";
export { type AdaptiveBatchSizeOptions, adaptiveBatchSize } from "./batch-size/adaptive-batch-size.ts";
export {
  type BatchSizeIterate,
  type BatchSizeRun,
  type BatchSizeState,
  type BatchSizeTrainer,
  type BatchSizeTrainerOptions,
  compileBatchSizeTrainer,
} from "./batch-size/batch-size-trainer.ts";
export {
  compileGradientStatistics,
  type GradientStatisticsOptions,
  type GradientStatisticsProgram,
} from "./batch-size/compile-statistics.ts";
export type {
  BatchSizeMeasured,
  BatchSizePlace,
  BatchSizePolicy,
  BatchSizeProgress,
  BatchSizeTest,
  BatchSizeVerdict,
  NoState,
} from "./batch-size/contract.ts";
export { type CoordinateNormTestOptions, coordinateNormTest } from "./batch-size/coordinate-norm-test.ts";
export {
  augmentedInnerProductTest,
  type InnerProductTestOptions,
  innerProductTest,
  type OrthogonalityTestOptions,
  orthogonalityTest,
} from "./batch-size/inner-product-test.ts";
export { type NormTestOptions, normTest } from "./batch-size/norm-test.ts";
export {
  constantBatchSize,
  type LinearBatchSizeOptions,
  linearBatchSize,
  type StagewiseBatchSizeOptions,
  stagewiseBatchSize,
} from "./batch-size/planned-batch-sizes.ts";
export {
  type Drawn,
  dataOracle,
  type OracleState,
  type SampleOracle,
  type ShuffleState,
  streamOracle,
} from "./batch-size/sample-oracle.ts";

// Classifiers

export {
  compileLinearClassifier,
  fitLinearClassifier,
  type LinearClassifierOptions,
} from "./classifiers/linear.ts";
export {
  anyLoss,
  type ClassifierLoss,
  type CrossEntropyLossOptions,
  crossEntropyLoss,
  scoreLoss,
  squaredErrorLoss,
} from "./classifiers/loss.ts";
export {
  type ClassifierModel,
  type LinearModel,
  predictionsOf,
  probabilitiesOf,
  type TwoLayerModel,
} from "./classifiers/model.ts";
export { tuneThreshold } from "./classifiers/threshold.ts";
export type { ClassifierOptions, ClassifierTrainer, Fit, FitOptions } from "./classifiers/trainer.ts";
export {
  compileTwoLayerClassifier,
  fitTwoLayerClassifier,
  type TwoLayerClassifierOptions,
  type TwoLayerOptions,
} from "./classifiers/two-layer.ts";

// Types of several of these

export type { BatchStatistics, GradientStatistics, StatisticsPart } from "./batch-size/statistics.ts";
export type { StepStart } from "./initial-state.ts";
export type { Settings } from "./settings.ts";
export type { Scheduled } from "./transformations/scheduled.ts";
