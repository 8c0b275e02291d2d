export type * from "./contract.ts";
export {
  empiricalFisherOperator,
  fisherOperator,
  type OutputDistribution,
} from "./fisher.ts";
export * from "./gauss-newton.ts";
export * from "./gauss-newton-rows.ts";
export * from "./gram.ts";
export * from "./hessian.ts";
export * from "./matrix.ts";
export * from "./output-curvature.ts";
export { type ParameterLayout, type ParameterSlot, parameterLayout } from "./parameter-layout.ts";
export {
  perExampleGradientBlocks,
  perExampleHessianProductBlocks,
  type RowBlock,
  type RowBlocksOptions,
} from "./per-example.ts";
