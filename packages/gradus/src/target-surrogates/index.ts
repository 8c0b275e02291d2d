export {
  adagradRule,
  adamRule,
  type DescentRule,
  scalarAdagradRule,
  sgdRule,
  stochasticDescent,
  svrg,
} from "./baselines.ts";
export { batchObjective } from "./batch-objective.ts";
export type { TargetLoss, TargetModel, TargetProblem } from "./contract.ts";
export { type EtaRule, targetAdagrad, targetLineSearch } from "./eta.ts";
export { innerArmijo } from "./inner/armijo.ts";
export type { InnerSolver } from "./inner/contract.ts";
export { innerConjugateGradient, innerExact } from "./inner/exact.ts";
export { innerGaussNewton } from "./inner/gauss-newton.ts";
export { innerGradientDescent } from "./inner/gradient-descent.ts";
export { innerLbfgs } from "./inner/lbfgs.ts";
export { linearTargets } from "./linear-targets.ts";
export { type SsoOptions, sso } from "./sso.ts";
export { targetSurrogate } from "./surrogate.ts";
export { targetLoss } from "./target-loss.ts";
export { targetProblem } from "./target-problem.ts";
export { tracedTargets } from "./traced-targets.ts";
