// Objectives

export {
  type CheckedDerivative,
  checkDerivatives,
  type DerivativeCheck,
  type DerivativeCheckOptions,
  type DerivativeComparison,
  type DifferentiableProblem,
} from "./check-derivatives.ts";
export {
  checkOperator,
  type OperatorCheck,
  type OperatorCheckOptions,
  type OperatorComparison,
  type OperatorProperty,
} from "./check-operator.ts";
export { type Counted, counted, type OracleCounts } from "./counted.ts";
export { type GraphObjective, objectiveFromGraph } from "./from-graph.ts";
export type { HessianModel } from "./hessian-model.ts";
export type {
  HessianFlops,
  HostObjective,
  MaybePromise,
  Objective,
  SmoothObjective,
  ValueAndGradient,
} from "./objective.ts";
export type { HostResidual, Residual } from "./residual.ts";
export { type GraphResidual, residualFromGraph } from "./residual-from-graph.ts";

// Linear models

export type { DesignMap } from "./design-map.ts";
export type { DesignMatrix } from "./design-matrix.ts";
export { linearRegression } from "./linear-regression.ts";
export { type LogisticApproximations, logisticRegression } from "./logistic-regression.ts";
export {
  type DiagonalStart,
  diagonalLinearNetwork,
  diagonalStart,
} from "./networks/diagonal-linear-network.ts";
export { l1Penalty, nonnegativeL1Penalty, type SeparablePenalty } from "./penalty.ts";
export { withRidge } from "./ridge.ts";
export { type SoftmaxApproximations, type SoftmaxOptions, softmaxRegression } from "./softmax-regression.ts";

// Test functions

export { ackley } from "./ackley.ts";
export { canyon } from "./canyon.ts";
export { type LogSumExpApproximations, logSumExpObjective } from "./log-sum-exp.ts";
export { quadratic } from "./quadratic.ts";
export { rastrigin } from "./rastrigin.ts";
export { chebyshevResidual, linearResidual, rosenbrockResidual } from "./residual.ts";
export { type ResidualPowerApproximations, residualPower } from "./residual-power.ts";
export { rosenbrock } from "./rosenbrock.ts";
export type { LeastSquaresTestProblem } from "./test-problems/contract.ts";
export { moreGarbowHillstrom } from "./test-problems/more-garbow-hillstrom.ts";

// Networks on typed arrays

export type { HostNetwork, HostRegression, HostStep, RegressionRows } from "./networks/contract.ts";
export { balanceRatio, diagonalBalanceRatio, pathNorm } from "./networks/norms.ts";
export { type ReluUnits, reluPopulationError } from "./networks/population-error.ts";
export {
  type TwoLayerReluShape,
  type TwoLayerReluStart,
  twoLayerReLU,
  twoLayerReluStart,
} from "./networks/two-layer-relu.ts";

// Types of several of these

export type { LossReduction } from "./linear-loss.ts";
