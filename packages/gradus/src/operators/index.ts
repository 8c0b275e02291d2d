// Function spaces

export { type CubicSplines, cubicSplines } from "./function-spaces/cubic-splines.ts";
export type { FunctionSpace } from "./function-spaces/function-space.ts";
export {
  chebyshevSpace,
  type PolynomialSpaceOptions,
  powerSeriesSpace,
} from "./function-spaces/polynomial-space.ts";

// Reference solutions

export { antiderivative } from "./generators/antiderivative.ts";
export { type DiffusionReactionOptions, diffusionReaction } from "./generators/diffusion-reaction.ts";
export {
  type GeneratedOperatorData,
  type OperatorDatasetOptions,
  operatorDataset,
} from "./generators/operator-dataset.ts";
export {
  type DifferentialEquationOptions,
  ordinaryDifferentialEquation,
  pendulum,
} from "./generators/ordinary-differential-equation.ts";
export type { InputFunctions, SolutionOperator, Solutions } from "./generators/solution-operator.ts";

// Errors and limits

export {
  antiderivativeFloor,
  type InterpolationErrorOptions,
  interpolationError,
  trimmedMeanSquaredError,
} from "./function-spaces/error-limits.ts";

// Operator networks

export { type ConcatenatedNetworkOptions, concatenatedNetwork } from "./deeponet/concatenated-network.ts";
export {
  type DeepONetOptions,
  type DeepONetParameters,
  deepONet,
  type OutputStrategy,
} from "./deeponet/deep-onet.ts";
export {
  type FeatureMap,
  type PeriodicMapOptions,
  periodicMap,
  type RandomFourierMapOptions,
  randomFourierMap,
} from "./deeponet/feature-map.ts";
export { type OperatorData, type OperatorDataOptions, operatorData } from "./deeponet/operator-data.ts";
export type { OperatorNetwork } from "./deeponet/operator-network.ts";
export type { AffineScale, OperatorScaling } from "./deeponet/operator-scaling.ts";
export {
  type BestOperator,
  type OperatorErrors,
  type OperatorTrainingIterate,
  type OperatorTrainingState,
  type OperatorTrainingView,
  type TrainOperatorOptions,
  trainOperator,
} from "./deeponet/train-operator.ts";
export {
  type ExportOperatorOptions,
  exportOperator,
  loadOperator,
  type OperatorQuery,
  type OperatorValues,
  type TrainedOperator,
} from "./deeponet/trained-operator.ts";

// Conjugate directions

export {
  type ConjugateDirectionsIterate,
  type ConjugateDirectionsOptions,
  type ConjugateDirectionsOutcome,
  type ConjugateDirectionsState,
  type ConjugateDirectionsView,
  conjugateDirections,
} from "./conjugate-direction/conjugate-directions.ts";
export type { DirectionSource } from "./conjugate-direction/direction.ts";
export { directionLoss } from "./conjugate-direction/direction-loss.ts";
export {
  type NetworkDirection,
  type NetworkDirectionOptions,
  networkDirection,
} from "./conjugate-direction/network-direction.ts";
export { type RitzData, type RitzDataOptions, ritzData } from "./conjugate-direction/ritz-data.ts";
export { tracedProduct } from "./conjugate-direction/traced-product.ts";
export {
  type TrainDirectionIterate,
  type TrainDirectionOptions,
  trainDirection,
} from "./conjugate-direction/train-direction.ts";

// Types of several of these

export type { DirectionHistory } from "./conjugate-direction/history.ts";
export type { BranchParameters } from "./deeponet/branch.ts";
export type { BranchAndTrunk } from "./deeponet/deep-onet.ts";
