// Loss records

export { absoluteLoss } from "./absolute.ts";
export type { Loss, ScalarLoss } from "./contract.ts";
export { expectedCostLoss } from "./expected-cost.ts";
export { type HingeOptions, hingeLoss, multiclassHingeLoss } from "./hinge.ts";
export { huberLoss } from "./huber.ts";
export { binaryLogisticLoss, logisticLoss } from "./logistic.ts";
export {
  logisticCurvature,
  type OutputCurvature,
  softmaxCurvature,
  squaredCurvature,
} from "./output-curvature.ts";
export { softmaxLoss } from "./softmax.ts";
export { squaredLoss } from "./squared.ts";

// Losses on tensors

export {
  type SigmoidCrossEntropyOptions,
  type SoftmaxCrossEntropyOptions,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from "./traced/cross-entropy.ts";
export { meanAbsoluteError, meanSquaredError } from "./traced/regression.ts";

// Metrics as losses

export {
  type AmplifierOptions,
  amplify,
  type NumericAmplifierOptions,
  type SoftDecision,
  softDecision,
} from "./metric/amplifier.ts";
export {
  type CountsLossOptions,
  type MetricChoice,
  type MetricLossOptions,
  metricLoss,
  type ProbabilityLoss,
} from "./metric/metric-loss.ts";
export { type ClassName, type Metric, type MetricName, metricByName, metricNames } from "./metric/metrics.ts";
export {
  type ScoreOrientedLossOptions,
  scoreOrientedLoss,
  type ThresholdDistribution,
} from "./metric/score-oriented-loss.ts";
export {
  type NumericMatrixOptions,
  type Reduction,
  type SoftConfusionMatrix,
  type SymbolicMatrixOptions,
  softConfusionMatrix,
} from "./metric/soft-confusion-matrix.ts";

// Accuracy

export { accuracy, binaryAccuracy, topKAccuracy } from "./accuracy.ts";

// Types of several of these

export type { LossOptions, ReductionName } from "./reduction.ts";
