// Training

export { exponentialAveraging, polyakAveraging } from "./average-parameters.ts";
export { shuffledBatches, stratifiedBatches } from "./batches.ts";
export { compileStep } from "./compile-step.ts";
export type { EvaluationMetric, LossFunction, Trainer, TrainIterate } from "./contract.ts";
export { DivergenceError } from "./divergence.ts";
export { compileEvaluator, type Evaluator } from "./evaluator.ts";
export { stopEarly } from "./stop-early.ts";
export { compileTrainer, train } from "./train.ts";

// Optimizers

export { adagrad, adagradNorm } from "./adagrad.ts";
export { adam, adamw } from "./adam.ts";
export { rmsprop } from "./rmsprop.ts";
export { heavyBall, nesterov, sgd } from "./sgd.ts";
export { chain, type GradientTransformation, type StepContext } from "./transformation.ts";

// Gradient transformations

export { averageGradients } from "./transformations/average-gradients.ts";
export { clipByGlobalNorm, clipByTensorNorm } from "./transformations/clip-by-norm.ts";
export { clipByValue } from "./transformations/clip-by-value.ts";
export { addDecayedWeights } from "./transformations/decayed-weights.ts";
export { scaleByLearningRate } from "./transformations/learning-rate.ts";
export { accumulateMomentum } from "./transformations/momentum.ts";
export { scaleBy } from "./transformations/scale-by.ts";
export { scaleByAdagrad } from "./transformations/scale-by-adagrad.ts";
export { scaleByAdagradNorm } from "./transformations/scale-by-adagrad-norm.ts";
export { scaleByAdam } from "./transformations/scale-by-adam.ts";
export { scaleByRms } from "./transformations/scale-by-rms.ts";

// Schedules

export { constantSchedule } from "./schedules/constant.ts";
export { cosineDecay } from "./schedules/cosine-decay.ts";
export { exponentialDecay } from "./schedules/exponential-decay.ts";
export { exponentialStepSize } from "./schedules/exponential-step-size.ts";
export { inverseTimeDecay } from "./schedules/inverse-time-decay.ts";
export { joinSchedules } from "./schedules/join.ts";
export { piecewiseConstant } from "./schedules/piecewise-constant.ts";
export { polynomialDecay } from "./schedules/polynomial-decay.ts";
export { bySamples, type Schedule } from "./schedules/schedule.ts";
export { warmUp } from "./schedules/warm-up.ts";

// Batch-size policies

export { adadagrad, adadagradNorm } from "./batch-size/adadagrad.ts";
export { adaptiveBatchSize } from "./batch-size/adaptive-batch-size.ts";
export { type BatchSizeTrainer, compileBatchSizeTrainer } from "./batch-size/batch-size-trainer.ts";
export { compileGradientStatistics } from "./batch-size/compile-statistics.ts";
export type { BatchSizePolicy } from "./batch-size/contract.ts";
export { coordinateNormTest } from "./batch-size/coordinate-norm-test.ts";
export {
  augmentedInnerProductTest,
  innerProductTest,
  orthogonalityTest,
} from "./batch-size/inner-product-test.ts";
export { normTest } from "./batch-size/norm-test.ts";
export { constantBatchSize, linearBatchSize, stagewiseBatchSize } from "./batch-size/planned-batch-sizes.ts";
export { dataOracle, type SampleOracle, streamOracle } from "./batch-size/sample-oracle.ts";

// Classifiers

export { compileLinearClassifier, fitLinearClassifier } from "./classifiers/linear.ts";
export {
  anyLoss,
  type ClassifierLoss,
  crossEntropyLoss,
  scoreLoss,
  squaredErrorLoss,
} from "./classifiers/loss.ts";
export {
  type ClassifierModel,
  type LinearModel,
  predictionsOf,
  probabilitiesOf,
} from "./classifiers/model.ts";
export { tuneThreshold } from "./classifiers/threshold.ts";
export type { ClassifierTrainer } from "./classifiers/trainer.ts";
export { compileTwoLayerClassifier, fitTwoLayerClassifier } from "./classifiers/two-layer.ts";
