// Minimizing any objective

export {
  type DescentMethod,
  type DescentRecord,
  type MinimizeLimits,
  type MinimizeOptions,
  type MinimizeStatus,
  type Minimum,
  minimize,
} from "./minimize.ts";
export { type OptimizationStatus, statusMessages } from "./status.ts";

// Methods of first order

export { type FastGradientMethodOptions, fastGradientMethod } from "./first-order/fast-gradient-method.ts";
export {
  type GradientDescentMemory,
  type GradientDescentOptions,
  gradientDescent,
} from "./first-order/gradient-descent.ts";
export { type GradientMethodOptions, gradientMethod } from "./first-order/gradient-method.ts";
export {
  type ConjugateFormula,
  type ConjugateMemory,
  type NonlinearConjugateGradientOptions,
  nonlinearConjugateGradient,
} from "./first-order/nonlinear-conjugate-gradient.ts";
export {
  type StochasticGradientDescentIterate,
  type StochasticGradientDescentOptions,
  type StochasticGradientDescentState,
  type StochasticGradientDescentView,
  stochasticGradientDescent,
} from "./first-order/stochastic-gradient-descent.ts";

// Quasi-Newton methods

export { type LbfgsMemory, type LbfgsOptions, lbfgs } from "./quasi-newton/lbfgs.ts";
export { type LbfgsbOptions, lbfgsb } from "./quasi-newton/lbfgsb.ts";

// Methods of second order

export { type CubicNewtonOptions, cubicNewton } from "./second-order/cubic-newton.ts";
export { type EstimateGammaOptions, estimateGamma } from "./second-order/estimate-gamma.ts";
export { type GnsGradientOptions, gnsGradient } from "./second-order/gns-gradient.ts";
export { type GammaOptions, type GnsNewtonOptions, gnsNewton } from "./second-order/gns-newton.ts";
export { type NewtonCgMemory, type NewtonCgOptions, newtonCg } from "./second-order/newton-cg.ts";
export {
  adaptiveGradientDescent,
  gradientRegularizedNewton,
  normalizedGradientDescent,
} from "./second-order/presets.ts";
export {
  type SuperUniversalNewtonOptions,
  superUniversalNewton,
} from "./second-order/super-universal-newton.ts";
export {
  type TrustRegionFigures,
  type TrustRegionIterate,
  type TrustRegionMemory,
  type TrustRegionOptions,
  trustRegion,
} from "./second-order/trust-region.ts";

// Nonlinear least squares

export {
  type GaussNewtonMemory,
  type GaussNewtonOptions,
  gaussNewton,
} from "./least-squares/gauss-newton.ts";
export {
  type LevenbergMarquardtFigures,
  type LevenbergMarquardtIterate,
  type LevenbergMarquardtMemory,
  type LevenbergMarquardtOptions,
  levenbergMarquardt,
} from "./least-squares/levenberg-marquardt.ts";

// Metrics

export type {
  AdaptedMemory,
  RegularizationFigures,
  RegularizedIterate,
  RegularizedOptions,
  RegularizedState,
} from "./descent/adapted-parameter.ts";
export type {
  DescentCounts,
  DescentIterate,
  DescentPoint,
  DescentState,
  DescentStatus,
  DescentView,
  StepFigures,
} from "./descent/descent.ts";
export { denseMetric, diagonalMetric, type InnerProduct, identityMetric } from "./descent/metric.ts";

// Line searches

export { type ArmijoOptions, armijo } from "./line-search/armijo.ts";
export {
  type AcceptedStep,
  type Evaluations,
  type FailedSearch,
  type FirstStep,
  type LineSearch,
  LineSearchError,
  type SearchFailure,
  type SearchResult,
  type SearchStart,
} from "./line-search/contract.ts";
export { fixedStep } from "./line-search/fixed-step.ts";
export {
  type StochasticArmijoIterate,
  type StochasticArmijoOptions,
  type StochasticArmijoState,
  stochasticArmijo,
} from "./line-search/stochastic-armijo.ts";
export { type StrongWolfeOptions, strongWolfe } from "./line-search/strong-wolfe.ts";

// Block coordinate descent

export {
  type ActiveSet,
  type BlockCoordinateDescentOptions,
  type BlockCoordinateRecord,
  type BlockCoordinateResult,
  type BlockStop,
  blockCoordinateDescent,
} from "./coordinate/block-coordinate-descent.ts";
export {
  type BlockCoordinateFigures,
  type BlockCoordinateIterate,
  type BlockCoordinateOptions,
  type BlockCoordinateView,
  blockCoordinateIterates,
} from "./coordinate/block-coordinate-iterates.ts";
export { colorPartition, forestPartition, latticeForests } from "./coordinate/graph/forest-partition.ts";
export { greedyForest } from "./coordinate/graph/greedy-forest.ts";
export {
  type LabelPropagation,
  labelPropagation,
  latticeGraph,
} from "./coordinate/graph/label-propagation.ts";
export { BlockNotPositiveDefiniteError, solveForest } from "./coordinate/graph/solve-forest.ts";
export { type BlockPartition, type PartitionOptions, partitionCoordinates } from "./coordinate/partition.ts";
export {
  type BlockDuality,
  type BlockPenalty,
  type BlockProblem,
  l1,
  nonnegativeL1,
  type SweepLimits,
} from "./coordinate/problem.ts";
export { blockFunction, type CustomBlockFunction } from "./coordinate/problems/custom.ts";
export { blockLeastSquares } from "./coordinate/problems/least-squares.ts";
export { blockLogistic } from "./coordinate/problems/logistic.ts";
export { blockQuadratic } from "./coordinate/problems/quadratic.ts";
export { blockSoftmax } from "./coordinate/problems/softmax.ts";

// Equality constraints

export { adaSketchNewton } from "./constrained/ada-sketch-newton.ts";
export { type AugmentedLagrangianOptions, augmentedLagrangian } from "./constrained/augmented-lagrangian.ts";
export {
  affineConstraints,
  type ConstraintFunctions,
  sphereConstraint,
  subjectTo,
} from "./constrained/constraint-functions.ts";
export {
  type ExactAugmentedLagrangian,
  exactAugmentedLagrangian,
} from "./constrained/exact-augmented-lagrangian.ts";
export { equalityProblemFromGraph, type GraphEqualityProblem } from "./constrained/from-graph.ts";
export {
  type EqualityResult,
  type HistoryEntry,
  type MinimizeEqualityOptions,
  minimizeEquality,
} from "./constrained/minimize-equality.ts";
export {
  type EqualityNewtonDirection,
  equalityNewtonDirection,
  type SystemBounds,
} from "./constrained/newton-direction.ts";
export type { EqualityProblem, PrimalDualPoint, ProblemCounts } from "./constrained/problem.ts";
export type { EqualityTestProblem } from "./constrained/problems/equality-test-problem.ts";
export { equalityTestProblems } from "./constrained/problems/equality-test-problems.ts";
export { poissonControl } from "./constrained/problems/poisson-control.ts";
export type {
  SketchKind,
  SketchMaker,
  SketchProjector,
  SystemMatrix,
} from "./constrained/sketch/contract.ts";
export { type EquilibratedSystem, equilibrate } from "./constrained/sketch/equilibrate.ts";
export {
  type SketchAndProjectIterate,
  type SketchAndProjectOptions,
  type SketchAndProjectState,
  type SketchAndProjectView,
  sketchAndProject,
} from "./constrained/sketch/sketch-and-project.ts";
export { type SqpL1Options, sqpL1 } from "./constrained/sqp-l1.ts";

// Linear separation

export { type GeometricMargin, geometricMargin, NotSeparableError } from "./separation/geometric-margin.ts";
export { type MinimumNormPoint, minimumNormPoint, type PointSet } from "./separation/minimum-norm-point.ts";
export { type BoundArguments, type BoundedMethod, perceptronBounds } from "./separation/perceptron-bounds.ts";
export {
  type SeparateOptions,
  type SeparateRecord,
  type SeparateStatus,
  type Separation,
  separate,
} from "./separation/separate.ts";
export {
  type SeparationIterate,
  type SeparationOptions,
  type SeparationState,
  type SeparationView,
  separationIterates,
} from "./separation/separation-iterates.ts";
export type { SeparationMethod, SeparationStatus, StopRule } from "./separation/separation-method.ts";

// Types of several of these

export type { AccuracySchedule, AdaSketchNewtonOptions } from "./constrained/ada-sketch-options.ts";
export type {
  ConstrainedCounts,
  ConstrainedIterate,
  ConstrainedOptions,
  ConstrainedState,
  ConstrainedStatus,
  ConstrainedView,
  StepRecord,
} from "./constrained/contract.ts";
export type { ExactPenalties } from "./constrained/merit.ts";
export type { BlockState } from "./coordinate/block-state.ts";
export type { BlockSelection, ForestScore } from "./coordinate/select/contract.ts";
export type { BlockUpdate } from "./coordinate/update/contract.ts";
export type { UpdateOptions } from "./coordinate/update/rules.ts";
export type { LineSearchFigures, LineSearchIterate, LineSearchState } from "./descent/line-search-method.ts";
export type { Linearization } from "./least-squares/residual-objective.ts";
export type { PairProducts } from "./quasi-newton/compact-hessian.ts";
export type { CorrectionPair } from "./quasi-newton/two-loop-recursion.ts";
export type { Acceptance } from "./second-order/acceptance.ts";
export type { HessianChoice } from "./second-order/hessian-source.ts";
export type { TruncatedNewtonOptions } from "./second-order/truncated-solve.ts";
export type { ClassificationProblem, SampleMatrix } from "./separation/check-samples.ts";
