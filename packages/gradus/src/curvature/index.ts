// Curvature operators

export type { CurvatureOperator } from "./operators/contract.ts";
export { empiricalFisherOperator, fisherOperator } from "./operators/fisher.ts";
export { gaussNewtonOperator } from "./operators/gauss-newton.ts";
export { lossHessianOperator } from "./operators/hessian.ts";
export { gaussNewtonSpectrum } from "./rows/gauss-newton-rows.ts";
export { exactSpectrum, symmetricMatrix } from "./spectrum/symmetric-matrix.ts";

// Spectra and traces

export { type GroupTrace, groupTraces } from "./model/group-traces.ts";
export {
  type BoundedEigenvalue,
  type MeasuredFigure,
  measureSpectrum,
  type SpectrumReport,
} from "./model/spectrum-report.ts";
export { hutchPlusPlusTrace } from "./spectrum/hutch-plus-plus.ts";
export { hutchinsonTrace } from "./spectrum/hutchinson-trace.ts";
export { type LanczosRule, lanczosQuadrature } from "./spectrum/lanczos-quadrature.ts";
export { rayleighQuotientSearch } from "./spectrum/rayleigh-quotient.ts";
export {
  logSpectralDensity,
  type SpectralDensity,
  spectralDensity,
  spectralMean,
} from "./spectrum/spectral-density.ts";
export { principalAngles, topEigenvalueDeviation } from "./spectrum/spectrum-agreement.ts";
export { spectrumStatistics } from "./spectrum/spectrum-statistics.ts";

// Models and their parameter groups

export { linearPath } from "./linear-path.ts";
export { fileCurvature, type ModelCurvature, modelCurvature } from "./model/model-curvature.ts";
export { type ParameterGroup, parameterGroups } from "./model/parameter-groups.ts";
export { perExampleGradientBlocks, perExampleHessianProductBlocks } from "./rows/per-example.ts";

// Curvature of batches

export { drawBatch } from "./batch/draw-batch.ts";
export { effectiveBatchSize } from "./batch/effective-batch-size.ts";
export { batchExtremeEigenvalues } from "./batch/extreme-eigenvalues.ts";
export {
  hessianVariance,
  type LocalHessianVariance,
  localHessianVariance,
} from "./batch/hessian-variance.ts";
export { localBatchEigenvalue } from "./batch/local-eigenvalue.ts";
export {
  covarianceEdges,
  type SpikedEigenvalue,
  spikedCovariance,
  spikedWigner,
} from "./batch/spiked-models.ts";

// Learning rates

export { curvatureMomentum } from "./learning-rates/curvature-momentum.ts";
export { type CurvatureRates, curvatureSchedule } from "./learning-rates/curvature-schedule.ts";
export { type HeavyBallRateMode, heavyBallRates } from "./learning-rates/heavy-ball-rates.ts";
export { maxBatchLearningRate } from "./learning-rates/max-batch-learning-rate.ts";
export { maxStableLearningRate } from "./learning-rates/max-stable-learning-rate.ts";
export { minimalDamping } from "./learning-rates/minimal-damping.ts";
export { type ScalingRule, scaleLearningRate } from "./learning-rates/scaling-rules.ts";

// Stability of SGD

export { alignment } from "./stability/alignment.ts";
export { batchNoiseShare } from "./stability/batch-noise.ts";
export { momentRecursion } from "./stability/moment-recursion.ts";
export { type Sharpness, sharpness } from "./stability/sharpness.ts";
export { isLinearlyStable, stabilityThreshold } from "./stability/threshold.ts";

// ONNX files

export { type CurvatureKind, exportCurvature } from "./onnx/export-curvature.ts";
export { type FileData, loadCurvature } from "./onnx/load-curvature.ts";
