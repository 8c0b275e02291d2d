// Estimates and intervals

export {
  bayesianSignTest,
  dirichletArgmaxProbabilities,
  type SignTest,
  type SignTestOptions,
} from "./bayesian-sign-test.ts";
export {
  type BootstrapInterval,
  type BootstrapOptions,
  bootstrapInterval,
  bootstrapRows,
} from "./bootstrap.ts";
export { median, quantile, sampleMean } from "./descriptive.ts";
export { logLogSlope, type PowerLaw } from "./log-log-slope.ts";
export { type GaussianMoments, sampleMoments } from "./moments.ts";
export { type PrincipalComponents, principalComponents } from "./principal-components.ts";
export { rankCorrelation } from "./rank-correlation.ts";

// Distributions and quadrature

export { logGamma, regularizedGamma } from "./gamma.ts";
export { gaussHermite } from "./gauss-hermite.ts";
export { normalCdf, normalQuantile } from "./normal-distribution.ts";
export { gaussLegendre, type QuadratureRule } from "./quadrature.ts";
export { studentTProbability, studentTQuantile } from "./student-t.ts";

// Distances between samples

export { frechetDistance, frechetGaussian } from "./frechet-distance.ts";
export {
  type SlicedWassersteinOptions,
  slicedWassersteinDistance,
  wassersteinDistance,
} from "./wasserstein.ts";

// Classification

export * as classificationMetrics from "./classification-metrics.ts";
export {
  type ClassificationReport,
  classificationReport,
  type ReportedMetric,
} from "./classification-report.ts";
export { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.ts";
