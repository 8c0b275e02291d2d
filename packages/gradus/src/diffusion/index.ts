// Diffusion models: forward processes, scores and their estimation, sampling in reverse time.

// Forward processes

export {
  type GeometricBrownianOptions,
  geometricBrownianProcess,
  type VarianceExplodingOptions,
  varianceExplodingProcess,
} from "./processes/brownian.ts";
export type {
  ForwardProcess,
  ImmediatePointFunction,
  PointFunction,
  ReverseStep,
  Times,
} from "./processes/contract.ts";
export type { TimeFunction } from "./processes/integral.ts";
export { logVariancePreservingProcess } from "./processes/log-variance-preserving.ts";
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

// Data whose scores are known

export type { ExactTarget } from "./exact/contract.ts";
export { type MixtureOptions, mixtureTarget } from "./exact/mixture.ts";
export { ringTarget } from "./exact/ring.ts";

// Estimating a score by regression of the clean points

export type { ScoreEstimate } from "./score/estimate.ts";
export {
  type KernelScore,
  type KernelScoreOptions,
  kernelScore,
  type ScoreStop,
} from "./score/kernel-score.ts";
export {
  regressionLoss,
  type ScoreRegression,
  type ScoreRegressionOptions,
  type ScoreWeighting,
  scoreRegression,
} from "./score/regression.ts";
export {
  type BestWeights,
  networkScore,
  type ScoreNetworkIterate,
  type ScoreNetworkState,
  type TrainScoreNetworkOptions,
  trainScoreNetwork,
} from "./score/train-network.ts";
export {
  type TwoLayerNetwork,
  type TwoLayerNetworkOptions,
  twoLayerNetwork,
  twoLayerOutputs,
} from "./score/two-layer-network.ts";

// Networks and models

export {
  type DiffusionModel,
  type DiffusionModelOptions,
  diffusionModel,
  type ExactModelOptions,
  exactModel,
  type NoiseLevel,
  type NoiseNetwork,
} from "./generative/model.ts";
export {
  type CleanPoints,
  type CoordinateMoments,
  cleanPoints,
  coordinateMoments,
  type ImagePointsOptions,
  imagePoints,
  type PointArray,
  type PointData,
} from "./generative/point-data.ts";
export type { PointScaling } from "./generative/point-scaling.ts";
export {
  logRatioFeatures,
  type TimeMlpOptions,
  type TimeMlpParameters,
  timeMlp,
} from "./networks/time-mlp.ts";

// Training

export type { ScoreWeight } from "./generative/noise-levels.ts";
export {
  type DrawState,
  type TrainDiffusionIterate,
  type TrainDiffusionOptions,
  trainDiffusion,
} from "./generative/train-diffusion.ts";

// Samples

export {
  type CompileSamplerOptions,
  compileSampler,
  type DiffusionSampler,
  type SampleIterate,
  type SamplePathRun,
  type SampleRun,
  type SampleState,
  type Samples,
  type SampleWatch,
} from "./generative/compile-sampler.ts";
export {
  type ExportSamplerOptions,
  exportDenoiser,
  exportSampler,
} from "./generative/export-diffusion.ts";
export type { Prior } from "./generative/prior.ts";
export { type SampleOptions, type SamplePathOptions, sample, samplePath } from "./generative/sample.ts";
export type { SamplingSchedule } from "./generative/sampling-plan.ts";
export type { SamplerName } from "./generative/step-table.ts";
export { type TimeGrid, timeGrid } from "./sampling/time-grid.ts";

// Multiplicative noise

export { conditionalHyvarinenScore, multiplicativeTweedie } from "./multiplicative/hyvarinen-score.ts";
export { type ImplicitScoreLossOptions, implicitScoreLoss } from "./multiplicative/implicit-loss.ts";
export { type ScoreMatchingFits, scoreMatchingFit } from "./multiplicative/score-matching-fit.ts";
