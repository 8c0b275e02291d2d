export {
  adagradRule,
  adamRule,
  type DescentRule,
  type StochasticDescentIterate,
  type StochasticDescentState,
  type SvrgIterate,
  type SvrgState,
  scalarAdagradRule,
  sgdRule,
  stochasticDescent,
  svrg,
} from "./baselines.ts";
export { batchObjective } from "./batch-objective.ts";
export type {
  BatchLoss,
  TargetBatch,
  TargetCounts,
  TargetLoss,
  TargetMap,
  TargetModel,
  TargetProblem,
} from "./contract.ts";
export {
  type EtaMemory,
  type EtaRule,
  type TargetLineSearchOptions,
  targetAdagrad,
  targetLineSearch,
} from "./eta.ts";
export { type InnerArmijoOptions, innerArmijo } from "./inner/armijo.ts";
export type { InnerOptions, InnerResult, InnerSolver, InnerStatus } from "./inner/contract.ts";
export {
  type InnerConjugateGradientOptions,
  type InnerExactOptions,
  innerConjugateGradient,
  innerExact,
} from "./inner/exact.ts";
export { type InnerGaussNewtonOptions, innerGaussNewton } from "./inner/gauss-newton.ts";
export { type InnerGradientDescentOptions, innerGradientDescent } from "./inner/gradient-descent.ts";
export { type InnerLbfgsOptions, innerLbfgs } from "./inner/lbfgs.ts";
export { linearTargets } from "./linear-targets.ts";
export {
  type InnerSolverName,
  type SsoIterate,
  type SsoOptions,
  type SsoState,
  type SsoView,
  sso,
} from "./sso.ts";
export {
  type Proximal,
  type ProximalDomain,
  type SurrogateFunction,
  type TargetSurrogate,
  targetSurrogate,
} from "./surrogate.ts";
export { type TargetLossOptions, targetLoss } from "./target-loss.ts";
export { type TargetProblemOptions, targetProblem } from "./target-problem.ts";
export { type TracedTargets, type TracedTargetsOptions, tracedTargets } from "./traced-targets.ts";

// Shared types

export type { ProximalModel } from "./proximal.ts";
