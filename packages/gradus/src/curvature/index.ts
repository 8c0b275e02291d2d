export { principalAngles, topEigenvalueDeviation } from "./agreement.ts";
export { batchExtremes } from "./batch/batch-extremes.ts";
export { drawBatch } from "./batch/draw-batch.ts";
export { effectiveBatchSize } from "./batch/effective-batch-size.ts";
export {
  hessianVariance,
  type LocalHessianVariance,
  localHessianVariance,
} from "./batch/hessian-variance.ts";
export {
  localBatchEigenvalue,
  maxBatchLearningRate,
  minimalDamping,
  type ScalingRule,
  scaleLearningRate,
} from "./batch/learning-rates.ts";
export { maxStableLearningRate } from "./batch/max-stable-rate.ts";
export {
  covarianceEdges,
  type SpikedEigenvalue,
  spikedCovariance,
  spikedWigner,
} from "./batch/spiked-models.ts";
export type { CurvatureOperator } from "./contract.ts";
export { logSpectralDensity, type SpectralDensity, spectralDensity, spectralMean } from "./density.ts";
export { empiricalFisherOperator, fisherOperator } from "./fisher.ts";
export { gaussNewtonOperator } from "./gauss-newton.ts";
export { gaussNewtonSpectrum } from "./gauss-newton-rows.ts";
export { lossHessianOperator } from "./hessian.ts";
export { hutchPlusPlusTrace } from "./hutch-plus-plus.ts";
export { curvatureMomentum } from "./learning-rates/curvature-momentum.ts";
export { type CurvatureRates, curvatureSchedule } from "./learning-rates/curvature-schedule.ts";
export { type HeavyBallRateMode, heavyBallRates } from "./learning-rates/heavy-ball-rates.ts";
export { exactSpectrum, symmetricMatrix } from "./matrix.ts";
export { type GroupTrace, groupTraces } from "./model/group-traces.ts";
export { fileCurvature, type ModelCurvature, modelCurvature } from "./model/model-curvature.ts";
export { type ParameterGroup, parameterGroups } from "./model/parameter-groups.ts";
export {
  type BoundedEigenvalue,
  type MeasuredFigure,
  measureSpectrum,
  type SpectrumReport,
} from "./model/spectrum-report.ts";
export { type CurvatureMatrix, exportCurvature } from "./onnx/export-curvature.ts";
export { type FileData, loadCurvature } from "./onnx/load-curvature.ts";
export { perExampleGradientBlocks, perExampleHessianProductBlocks } from "./per-example.ts";
export { type LanczosRule, lanczosQuadrature } from "./quadrature.ts";
export { rayleighQuotientSearch } from "./rayleigh-quotient.ts";
export { linearPath } from "./segment.ts";
export { alignment } from "./stability/alignment.ts";
export { batchNoiseShare } from "./stability/batch-noise.ts";
export { momentRecursion } from "./stability/moment-recursion.ts";
export { type Sharpness, sharpness } from "./stability/sharpness.ts";
export { isLinearlyStable, stabilityThreshold } from "./stability/threshold.ts";
export { spectrumStatistics } from "./statistics.ts";
export { hutchinsonTrace } from "./trace.ts";
