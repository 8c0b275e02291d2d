// Explaining a model's scores by local function approximation. A model is anything from rows to scores; a neighborhood, a
// class of surrogates and a loss make an explanation, the eight explainers among them.

// Models

export { type ClassifierModelOptions, classifierModel } from "./models/classifier.ts";
export type { ExplainableModel, PerturbedRows, ScoresAndGradients } from "./models/contract.ts";
export { type FiniteDifferenceOptions, finiteDifferences } from "./models/finite-differences.ts";
export { type OnnxExplainableModel, type OnnxModelOptions, onnxModel } from "./models/onnx.ts";
export { type TracedExplainableModel, type TracedModelOptions, tracedModel } from "./models/traced.ts";

// One function, with neighborhoods, surrogates and losses to choose

export { type ExplainOptions, type Explanation, explain, type LocalApproximation } from "./explain.ts";
export {
  type CustomNeighborhoodOptions,
  customNeighborhood,
  type GaussianOptions,
  gaussianNeighborhood,
  type ScalingOptions,
  scalingNeighborhood,
} from "./neighborhoods/continuous.ts";
export type { Composition, Neighborhood, Perturbations } from "./neighborhoods/contract.ts";
export {
  type MaskOptions,
  maskNeighborhood,
  removalNeighborhood,
  type ShapleyMaskOptions,
  shapleyNeighborhood,
} from "./neighborhoods/masks.ts";
export type { SurrogateLoss } from "./surrogates/logistic.ts";

// The eight explainers

export {
  cLime,
  type Explain,
  type Explainer,
  type ExplainerName,
  explainBy,
  explainerNames,
  explainers,
  gradientTimesInput,
  integratedGradients,
  kernelShap,
  lime,
  occlusion,
  smoothGrad,
  vanillaGradients,
} from "./explainers/explainers.ts";
export type { ExplainerOptions } from "./explainers/options.ts";
export { type ShapleyOptions, shapleyValues } from "./explainers/shapley.ts";

// How far explanations agree, and how faithful they are

export { type ChebyshevAffineFit, chebyshevAffineFit } from "./faithfulness/chebyshev-affine-fit.ts";
export {
  type CompareOptions,
  compareExplanations,
  type ExplanationComparison,
} from "./faithfulness/compare.ts";
export { completenessGaps } from "./faithfulness/completeness.ts";
export {
  type CrossNeighborhoodOptions,
  crossNeighborhoodLoss,
} from "./faithfulness/cross-neighborhood-loss.ts";
export {
  type AttributionDistance,
  type AttributionMetric,
  attributionDistance,
  distanceMatrix,
} from "./faithfulness/distance.ts";
export {
  type PerturbationTest,
  type PerturbationTestOptions,
  perturbationTest,
  rankedRows,
} from "./faithfulness/perturbation-test.ts";
