export {
  type SigmoidCrossEntropyOptions,
  type SoftmaxCrossEntropyOptions,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from "./losses/cross-entropy.ts";
export * from "./losses/margin.ts";
export type { LossOptions, ReductionName } from "./losses/reduction.ts";
export * from "./losses/regression.ts";
