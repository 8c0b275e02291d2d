export { accuracy, binaryAccuracy, topKAccuracy } from "./accuracy.ts";
export { amplify, softDecision } from "./metric/amplifier.ts";
export { type MetricChoice, metricLoss } from "./metric/metric-loss.ts";
export { type Metric, metricByName, metricNames } from "./metric/metrics.ts";
export { scoreOrientedLoss } from "./metric/score-oriented-loss.ts";
export { type SoftConfusionMatrix, softConfusionMatrix } from "./metric/soft-confusion-matrix.ts";
export { sigmoidCrossEntropy, softmaxCrossEntropy } from "./traced/cross-entropy.ts";
export { hingeLoss, multiclassHingeLoss } from "./traced/margin.ts";
export { huberLoss, meanAbsoluteError, meanSquaredError } from "./traced/regression.ts";
