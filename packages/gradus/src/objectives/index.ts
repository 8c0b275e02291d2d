// Objectives

export { counted } from "./counted.ts";
export { objectiveFromGraph } from "./from-graph.ts";
export type { HessianModel } from "./hessian-model.ts";
export type { HostObjective, Objective, SmoothObjective } from "./objective.ts";

// Linear models

export type { DesignMatrix } from "./design-matrix.ts";
export { linearRegression } from "./linear-regression.ts";
export { logisticRegression } from "./logistic-regression.ts";
export { diagonalLinearNetwork, diagonalStart } from "./networks/diagonal-linear-network.ts";
export { l1Penalty, nonnegativeL1Penalty, type SeparablePenalty } from "./penalty.ts";
export { withRidge } from "./ridge.ts";
export { softmaxRegression } from "./softmax-regression.ts";

// Test functions

export { ackley } from "./ackley.ts";
export { logSumExpObjective } from "./log-sum-exp.ts";
export { quadratic } from "./quadratic.ts";
export { rastrigin } from "./rastrigin.ts";
export { chebyshevResidual, linearResidual, type Residual, rosenbrockResidual } from "./residual.ts";
export { residualPower } from "./residual-power.ts";
export { rosenbrock } from "./rosenbrock.ts";
export type { LeastSquaresTestProblem } from "./test-problems/contract.ts";
export { moreGarbowHillstrom } from "./test-problems/more-garbow-hillstrom.ts";

// Networks on typed arrays

export type { HostRegression } from "./networks/contract.ts";
export { balanceRatio, diagonalBalanceRatio, pathNorm } from "./networks/norms.ts";
export { reluPopulationError } from "./networks/population-error.ts";
export { twoLayerReLU, twoLayerReluStart } from "./networks/two-layer-relu.ts";
