// Diffusion models: forward processes, scores and their estimation, sampling in reverse time.

// Forward processes

export type {
  ForwardProcess,
  ImmediatePointFunction,
  PointFunction,
  ReverseStep,
  Times,
} from "./processes/contract.ts";
export {
  type DiffusedPoints,
  denoisedFromScore,
  diffuse,
  scoreFromDenoised,
} from "./processes/marginals.ts";
export {
  type VariancePreservingOptions,
  variancePreservingProcess,
} from "./processes/variance-preserving.ts";

// Sampling in reverse time

export {
  type ReverseDiffusionIterate,
  type ReverseDiffusionOptions,
  type ReverseDiffusionState,
  reverseDiffusion,
} from "./sampling/reverse-diffusion.ts";
export type { ReverseRule, ReverseRuleName, ReverseStepInput } from "./sampling/rules.ts";
