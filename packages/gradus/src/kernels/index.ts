// Tangent kernels

export { denseKernel } from "./dense-kernel.ts";
export { mlpTangentKernel } from "./mlp-tangent-kernel.ts";
export { randomFeatures } from "./random-features.ts";
export { rbfKernel } from "./rbf-kernel.ts";
export { tangentKernel } from "./tangent-kernel.ts";
export { tangentKernelOperator } from "./tangent-kernel-operator.ts";

// Dual activations

export type { KernelActivation } from "./activation.ts";
export { leakyReluDual } from "./closed-form-duals.ts";
export type { DualActivation } from "./dual-activation.ts";
export { quadratureDual } from "./quadrature-dual.ts";
export { tracedDual } from "./traced-dual.ts";

// Training with a kernel

export { type KernelComponents, kernelComponents } from "./kernel-components.ts";
export { crossEntropyCost, kernelGradient, squaredCost } from "./kernel-gradient.ts";
export { kernelGradientDescent, maxLearningRate } from "./kernel-gradient-descent.ts";
export { kernelGradientFlow } from "./kernel-gradient-flow.ts";
export { trainedDistribution } from "./trained-distribution.ts";
