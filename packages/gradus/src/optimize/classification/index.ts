export type { ClassificationProblem, SampleMatrix } from "./check-samples.ts";
export * from "./geometric-margin.ts";
export * from "./logistic-loss.ts";
export * from "./minimum-norm-point.ts";
export * from "./perceptron-bounds.ts";
export * from "./separate.ts";
export * from "./separating-iterates.ts";
export {
  type BatchMethod,
  batchMethods,
  type SeparatingMethod,
  type SeparatingOutcome,
  type StopRule,
  separatingMethods,
} from "./separating-method.ts";
