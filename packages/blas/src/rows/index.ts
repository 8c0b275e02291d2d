export type { ConjugateStart, ConjugateVectors, WeightedSystem } from "../conjugate-vectors.ts";
export type { VectorSystem } from "../design-passes.ts";
export { DesignRows, designRows } from "./design-rows.ts";
export {
  type LogisticRowsArguments,
  logisticCurvatures,
  logisticRows,
  logisticWeights,
  type MarginFigures,
} from "./logistic.ts";
export { LogisticPoint, logisticPoint } from "./logistic-point.ts";
export type { MeasuredPass } from "./measured-pass.ts";
export { type SoftmaxRowsArguments, softmaxRows } from "./softmax.ts";
