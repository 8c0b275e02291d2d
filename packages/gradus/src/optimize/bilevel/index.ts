// Problems

export { bilevelFromGraph, type GraphBilevelOptions, type GraphBilevelProblem } from "./from-graph.ts";
export type {
  BilevelLevel,
  BilevelProblem,
  BilevelStart,
  FusedPenalty,
  InnerPlan,
  InnerSteps,
  LowerConstraints,
  SecondDerivativeProducts,
} from "./problem.ts";

// Solving a bilevel problem

export type { BilevelIterate, BilevelPoints, BilevelStatus, BilevelView } from "./contract.ts";
export {
  type BilevelLimits,
  type BilevelMethod,
  type BilevelRecord,
  type BilevelSolution,
  type MinimizeBilevelOptions,
  minimizeBilevel,
} from "./minimize-bilevel.ts";

// The penalty method

export { type DoubleLoopOptions, type DoubleLoopState, doubleLoopPenalty } from "./double-loop.ts";
export type { HalvingSigma } from "./halving-sigma.ts";
export type { PenaltyOptions } from "./penalty-options.ts";
export { powerSchedule, type StepSchedule } from "./schedule.ts";
export { type SingleLoopOptions, type SingleLoopState, singleLoopPenalty } from "./single-loop.ts";

// Baselines

export {
  type AlternatingDescentOptions,
  alternatingDescent,
  type HypergradientDescentOptions,
  hypergradientDescent,
  type LowerDescentState,
} from "./lower-descent.ts";
export {
  type ValueFunctionPenaltyOptions,
  type ValueFunctionPenaltyState,
  valueFunctionPenalty,
} from "./value-function-penalty.ts";

// The hyper-objective and its gradient

export { type ErrorBoundEstimate, type ErrorBoundOptions, estimateErrorBound } from "./error-bound.ts";
export {
  type Hypergradient,
  type HypergradientOptions,
  hypergradient,
} from "./hypergradient.ts";
export {
  type PenaltyHyperobjective,
  type PenaltyHyperobjectiveOptions,
  penaltyHyperobjective,
} from "./hyperobjective.ts";

// Hyper-parameters of models, by gradient

export {
  type ExampleWeightsOptions,
  type ExampleWeightsProblem,
  exampleWeights,
} from "./problems/example-weights.ts";
export {
  type RidgePenaltiesOptions,
  type RidgePenaltiesProblem,
  ridgePenalties,
} from "./problems/ridge-penalties.ts";

// Problems with closed forms

export {
  affineBilevelProblem,
  type BilevelTestOptions,
  type BilevelTestProblem,
  type PenalizedTestProblem,
  regularBilevelProblem,
  warpedBilevelProblem,
} from "./problems/families.ts";
