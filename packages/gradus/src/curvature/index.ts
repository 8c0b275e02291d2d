export * from "./agreement.ts";
export * from "./batch/index.ts";
export type * from "./contract.ts";
export * from "./density.ts";
export {
  empiricalFisherOperator,
  fisherOperator,
  type OutputDistribution,
} from "./fisher.ts";
export * from "./gauss-newton.ts";
export * from "./gauss-newton-rows.ts";
export * from "./gram.ts";
export * from "./hessian.ts";
export * from "./hutch-plus-plus.ts";
export * from "./matrix.ts";
export * from "./onnx/index.ts";
export * from "./output-curvature.ts";
export { type ParameterLayout, type ParameterSlot, parameterLayout } from "./parameter-layout.ts";
export {
  perExampleGradientBlocks,
  perExampleHessianProductBlocks,
  type RowBlock,
  type RowBlocksOptions,
} from "./per-example.ts";
export * from "./quadrature.ts";
export * from "./rayleigh-quotient.ts";
export * from "./segment.ts";
export * from "./stability/index.ts";
export * from "./statistics.ts";
export { hutchinsonTrace, type TraceOptions, type TraceState, type TraceView } from "./trace.ts";
