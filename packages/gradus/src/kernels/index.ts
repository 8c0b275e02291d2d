// Tangent kernels

export {
  type DenseKernel,
  type DenseKernelOptions,
  denseKernel,
  type KernelBlock,
  type KernelEvaluationOptions,
  type KernelMatrices,
} from "./dense-kernel.ts";
export { type KernelOutputs, type MlpTangentKernel, mlpTangentKernel } from "./mlp-tangent-kernel.ts";
export { type RandomFeatures, randomFeatures } from "./random-features.ts";
export { rbfKernel } from "./rbf-kernel.ts";
export { type TangentKernelOptions, type TracedModel, tangentKernel } from "./tangent-kernel.ts";
export { type TangentKernelOperator, tangentKernelOperator } from "./tangent-kernel-operator.ts";
export { twoLayerKernel } from "./two-layer-kernel.ts";

// Dual activations

export type { KernelActivation } from "./activation.ts";
export { type ClosedFormName, leakyReluDual } from "./closed-form-duals.ts";
export type { DualActivation, DualPairs } from "./dual-activation.ts";
export { type PlainActivation, quadratureDual } from "./quadrature-dual.ts";
export { tracedDual } from "./traced-dual.ts";

// Training with a kernel

export {
  type KernelComponents,
  type KernelComponentsOptions,
  kernelComponents,
} from "./kernel-components.ts";
export { crossEntropyCost, type FunctionalCost, kernelGradient, squaredCost } from "./kernel-gradient.ts";
export {
  type KernelTraining,
  type KernelTrainingOptions,
  kernelGradientDescent,
  maxLearningRate,
} from "./kernel-gradient-descent.ts";
export {
  type KernelFlowIterate,
  type KernelFlowOptions,
  type KernelFlowState,
  kernelGradientFlow,
} from "./kernel-gradient-flow.ts";
export { type KernelPath, type KernelPathOptions, kernelPath } from "./kernel-path.ts";
export {
  discrepancyStop,
  estimateNoise,
  type LocalComplexityOptions,
  localComplexityStop,
  type RiskStop,
  type StopSearchOptions,
  stepGrid,
  sureStop,
} from "./stopping.ts";
export {
  type TrainedDistribution,
  type TrainedDistributionOptions,
  trainedDistribution,
} from "./trained-distribution.ts";

// Shared types

export type { TrainingDuration } from "./kernel-spectrum.ts";
export type { DualQuadratureOptions } from "./refined-dual.ts";
