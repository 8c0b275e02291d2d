export type { KernelActivation } from "./activation.ts";
export { leakyReluDual } from "./closed-form-duals.ts";
export * from "./dense-kernel.ts";
export type { DualActivation, DualPairs } from "./dual-activation.ts";
export * from "./kernel-components.ts";
export * from "./kernel-gradient.ts";
export {
  type KernelTraining,
  type KernelTrainingOptions,
  kernelGradientDescent,
  maxLearningRate,
} from "./kernel-gradient-descent.ts";
export * from "./kernel-gradient-flow.ts";
export type { TrainingDuration } from "./kernel-spectrum.ts";
export { type KernelOutputs, type MlpTangentKernel, mlpTangentKernel } from "./mlp-tangent-kernel.ts";
export { type PlainActivation, quadratureDual } from "./quadrature-dual.ts";
export * from "./random-features.ts";
export * from "./rbf-kernel.ts";
export type { Rows } from "./rows.ts";
export {
  type TangentKernelMatrix,
  type TangentKernelOptions,
  type TracedModel,
  tangentKernel,
} from "./tangent-kernel.ts";
export * from "./tangent-kernel-operator.ts";
export { tracedDual } from "./traced-dual.ts";
export * from "./trained-distribution.ts";
