export type { ConjugateStart, ConjugateVectors, WeightedSystem } from "../conjugate-vectors.ts";
export { DesignRows, designRows, type LogisticPass } from "./design-rows.ts";
export {
  type LogisticRowsArguments,
  logisticCurvatures,
  logisticRows,
  logisticWeights,
  type MarginFigures,
} from "./logistic.ts";
export type { MeasuredPass } from "./measured-pass.ts";
export { type SoftmaxRowsArguments, softmaxRows } from "./softmax.ts";
