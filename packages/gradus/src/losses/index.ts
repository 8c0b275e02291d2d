// Loss records

export { absoluteLoss } from "./absolute.ts";
export type { Loss, ScalarLoss } from "./contract.ts";
export { expectedCostLoss } from "./expected-cost.ts";
export { hingeLoss, multiclassHingeLoss } from "./hinge.ts";
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

export { sigmoidCrossEntropy, softmaxCrossEntropy } from "./traced/cross-entropy.ts";
export { meanAbsoluteError, meanSquaredError } from "./traced/regression.ts";

// Metrics as losses

export { amplify, softDecision } from "./metric/amplifier.ts";
export { type MetricChoice, metricLoss } from "./metric/metric-loss.ts";
export { type Metric, metricByName, metricNames } from "./metric/metrics.ts";
export { scoreOrientedLoss } from "./metric/score-oriented-loss.ts";
export { type SoftConfusionMatrix, softConfusionMatrix } from "./metric/soft-confusion-matrix.ts";

// Accuracy

export { accuracy, binaryAccuracy, topKAccuracy } from "./accuracy.ts";
