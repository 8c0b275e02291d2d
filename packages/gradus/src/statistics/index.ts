// Estimates and intervals

export { bayesianSignTest, dirichletArgmaxProbabilities } from "./bayesian-sign-test.ts";
export { bootstrapInterval, bootstrapRows } from "./bootstrap.ts";
export { median, quantile, sampleMean } from "./descriptive.ts";
export { logLogSlope, type PowerLaw } from "./log-log-slope.ts";
export { sampleMoments } from "./moments.ts";
export { principalComponents } from "./principal-components.ts";
export { rankCorrelation } from "./rank-correlation.ts";

// Distributions and quadrature

export { logGamma, regularizedGamma } from "./gamma.ts";
export { gaussHermite } from "./gauss-hermite.ts";
export { normalCdf, normalQuantile } from "./normal-distribution.ts";
export { gaussLegendre } from "./quadrature.ts";
export { studentTProbability, studentTQuantile } from "./student-t.ts";

// Distances between samples

export { frechetDistance, frechetGaussian } from "./frechet-distance.ts";
export { slicedWassersteinDistance, wassersteinDistance } from "./wasserstein.ts";

// Classification

export * as classificationMetrics from "./classification-metrics.ts";
export { classificationReport } from "./classification-report.ts";
export { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.ts";
