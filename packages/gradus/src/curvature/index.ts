// Curvature operators

export type { CurvatureOperator, CurvaturePlace, LossProblem, OtherPlace } from "./operators/contract.ts";
export { empiricalFisherOperator, fisherOperator, type OutputDistribution } from "./operators/fisher.ts";
export { type GaussNewtonProblem, gaussNewtonOperator } from "./operators/gauss-newton.ts";
export { lossHessianOperator } from "./operators/hessian.ts";
export { gaussNewtonSpectrum } from "./rows/gauss-newton-rows.ts";
export { exactSpectrum, type OperatorMatrixOptions, symmetricMatrix } from "./spectrum/symmetric-matrix.ts";

// Spectra and traces

export {
  type GroupTrace,
  type GroupTracesOptions,
  type GroupTracesState,
  type GroupTracesView,
  groupTraces,
} from "./model/group-traces.ts";
export {
  type BatchLearningRate,
  type BoundedEigenvalue,
  type GroupSpectrum,
  type MeasuredFigure,
  measureSpectrum,
  type SpectrumOptions,
  type SpectrumProgress,
  type SpectrumReport,
} from "./model/spectrum-report.ts";
export {
  type HutchPlusPlusOptions,
  type HutchPlusPlusState,
  hutchPlusPlusTrace,
} from "./spectrum/hutch-plus-plus.ts";
export {
  hutchinsonTrace,
  type TraceOptions,
  type TraceState,
  type TraceView,
} from "./spectrum/hutchinson-trace.ts";
export {
  type LanczosQuadratureOptions,
  type LanczosQuadratureState,
  type LanczosQuadratureView,
  type LanczosRule,
  lanczosQuadrature,
} from "./spectrum/lanczos-quadrature.ts";
export {
  type RayleighQuotientOptions,
  type RayleighQuotientState,
  type RayleighQuotientView,
  rayleighQuotientSearch,
} from "./spectrum/rayleigh-quotient.ts";
export {
  type DensityOptions,
  type Estimate,
  type LogDensityOptions,
  type LogSpectralDensity,
  logSpectralDensity,
  type SpectralDensity,
  spectralDensity,
  spectralMean,
} from "./spectrum/spectral-density.ts";
export { principalAngles, topEigenvalueDeviation } from "./spectrum/spectrum-agreement.ts";
export {
  type SpectrumStatistics,
  type SpectrumStatisticsOptions,
  spectrumStatistics,
} from "./spectrum/spectrum-statistics.ts";

// Models and their parameter groups

export { linearPath, type Segment, type SegmentOptions } from "./linear-path.ts";
export {
  fileCurvature,
  type ModelCurvature,
  type ModelCurvatureProblem,
  modelCurvature,
} from "./model/model-curvature.ts";
export { type ArrayPlace, type ParameterGroup, parameterGroups } from "./model/parameter-groups.ts";
export {
  perExampleGradientBlocks,
  perExampleHessianProductBlocks,
  type RowBlock,
  type RowBlocksOptions,
} from "./rows/per-example.ts";

// Curvature of batches

export { drawBatch } from "./batch/draw-batch.ts";
export { type BatchSampling, effectiveBatchSize } from "./batch/effective-batch-size.ts";
export {
  type BatchExtremesOptions,
  type BatchExtremesState,
  type BatchExtremesView,
  batchExtremeEigenvalues,
} from "./batch/extreme-eigenvalues.ts";
export {
  type HessianVarianceOptions,
  type HessianVarianceState,
  type HessianVarianceView,
  hessianVariance,
  type LocalHessianVariance,
  localHessianVariance,
} from "./batch/hessian-variance.ts";
export { type LocalEigenvalueOptions, localBatchEigenvalue } from "./batch/local-eigenvalue.ts";
export {
  type CovarianceBulk,
  covarianceEdges,
  type SpikedCovarianceOptions,
  type SpikedEigenvalue,
  type SpikedWignerOptions,
  spikedCovariance,
  spikedWigner,
} from "./batch/spiked-models.ts";

// Learning rates

export { type CurvatureMomentumOptions, curvatureMomentum } from "./learning-rates/curvature-momentum.ts";
export {
  type CurvatureRates,
  type CurvatureSchedule,
  type CurvatureScheduleOptions,
  type CurvatureUpdate,
  curvatureSchedule,
} from "./learning-rates/curvature-schedule.ts";
export {
  type HeavyBallRateMode,
  type HeavyBallRateOptions,
  type HeavyBallRates,
  heavyBallRates,
} from "./learning-rates/heavy-ball-rates.ts";
export {
  type MaxBatchLearningRate,
  type MaxBatchLearningRateOptions,
  maxBatchLearningRate,
} from "./learning-rates/max-batch-learning-rate.ts";
export {
  type MaxStableLearningRate,
  type MaxStableLearningRateOptions,
  maxStableLearningRate,
  type StableInterval,
} from "./learning-rates/max-stable-learning-rate.ts";
export { type MinimalDampingOptions, minimalDamping } from "./learning-rates/minimal-damping.ts";
export { type ScalingRule, scaleLearningRate } from "./learning-rates/scaling-rules.ts";

// Stability of SGD

export {
  type Alignment,
  alignment,
  type FrobeniusBoundOptions,
  frobeniusBound,
} from "./stability/alignment.ts";
export { batchNoiseShare, type SgdSampling } from "./stability/batch-noise.ts";
export {
  type MomentPath,
  type MomentRecursionOptions,
  momentRecursion,
} from "./stability/moment-recursion.ts";
export { type StableNorms, stablePathNorms, stableSumNorms } from "./stability/norm-bounds.ts";
export { gramOfBlocks } from "./stability/row-gram.ts";
export { type Sharpness, sharpness } from "./stability/sharpness.ts";
export {
  isLinearlyStable,
  type StabilityThreshold,
  type StabilityThresholdOptions,
  stabilityThreshold,
} from "./stability/threshold.ts";

// ONNX files

export { type CurvatureExport, type CurvatureKind, exportCurvature } from "./onnx/export-curvature.ts";
export { type CurvatureFile, type FileData, loadCurvature } from "./onnx/load-curvature.ts";

// Shared types

export type { Progress } from "./model/progress.ts";
export type { GradientProducts, Jacobian } from "./stability/jacobian.ts";
