export { type AmplifierOptions, amplify, type SoftDecision, softDecision } from "./amplifier.ts";
export {
  assertClasses,
  type MetricChoice,
  type MetricLossOptions,
  metricLoss,
  type ProbabilityLoss,
} from "./metric-loss.ts";
export { type Metric, type MetricName, metricByName, metricNames } from "./metrics.ts";
export {
  type ScoreOrientedLossOptions,
  scoreOrientedLoss,
  type ThresholdDistribution,
} from "./score-oriented-loss.ts";
export { type Reduction, type SoftConfusionMatrix, softConfusionMatrix } from "./soft-confusion-matrix.ts";
