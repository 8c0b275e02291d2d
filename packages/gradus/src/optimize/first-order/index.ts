export type {
  DescentIterate,
  DescentOptions,
  DescentOutcome,
  DescentState,
  DescentView,
} from "./descent.ts";
export { type FastGradientMethodOptions, fastGradientMethod } from "./fast-gradient-method.ts";
export { type GradientMethodOptions, gradientMethod } from "./gradient-method.ts";
export { denseMetric, diagonalMetric, type InnerProduct, identityMetric } from "./metric.ts";
export * from "./minimize.ts";
