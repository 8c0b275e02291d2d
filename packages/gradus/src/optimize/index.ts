// Minimizing any objective

export { type DescentMethod, type MinimizeOptions, type Minimum, minimize } from "./minimize.ts";
export { type OptimizationStatus, statusMessages } from "./status.ts";

// Methods of first order

export { fastGradientMethod } from "./first-order/fast-gradient-method.ts";
export { gradientDescent } from "./first-order/gradient-descent.ts";
export { gradientMethod } from "./first-order/gradient-method.ts";
export { nonlinearConjugateGradient } from "./first-order/nonlinear-conjugate-gradient.ts";
export { stochasticGradientDescent } from "./first-order/stochastic-gradient-descent.ts";

// Quasi-Newton methods

export { lbfgs } from "./quasi-newton/lbfgs.ts";
export { lbfgsb } from "./quasi-newton/lbfgsb.ts";

// Methods of second order

export { cubicNewton } from "./second-order/cubic-newton.ts";
export { estimateGamma } from "./second-order/estimate-gamma.ts";
export { gnsGradient } from "./second-order/gns-gradient.ts";
export { gnsNewton } from "./second-order/gns-newton.ts";
export { newtonCg } from "./second-order/newton-cg.ts";
export {
  adaptiveGradientDescent,
  gradientRegularizedNewton,
  normalizedGradientDescent,
} from "./second-order/presets.ts";
export { superUniversalNewton } from "./second-order/super-universal-newton.ts";
export { trustRegion } from "./second-order/trust-region.ts";

// Nonlinear least squares

export { gaussNewton } from "./least-squares/gauss-newton.ts";
export { levenbergMarquardt } from "./least-squares/levenberg-marquardt.ts";

// Metrics

export type { RegularizedIterate } from "./descent/adapted-parameter.ts";
export type { DescentIterate } from "./descent/descent.ts";
export { denseMetric, diagonalMetric, type InnerProduct, identityMetric } from "./descent/metric.ts";

// Line searches

export { armijo } from "./line-search/armijo.ts";
export { type LineSearch, LineSearchError } from "./line-search/contract.ts";
export { fixedStep } from "./line-search/fixed-step.ts";
export { stochasticArmijo } from "./line-search/stochastic-armijo.ts";
export { strongWolfe } from "./line-search/strong-wolfe.ts";

// Block coordinate descent

export { blockCoordinateDescent } from "./coordinate/block-coordinate-descent.ts";
export {
  type BlockCoordinateIterate,
  type BlockCoordinateOptions,
  blockCoordinateIterates,
} from "./coordinate/block-coordinate-iterates.ts";
export { colorPartition, forestPartition, latticeForests } from "./coordinate/graph/forest-partition.ts";
export { greedyForest } from "./coordinate/graph/greedy-forest.ts";
export { labelPropagation, latticeGraph } from "./coordinate/graph/label-propagation.ts";
export { BlockNotPositiveDefiniteError, solveForest } from "./coordinate/graph/solve-forest.ts";
export { partitionCoordinates } from "./coordinate/partition.ts";
export { type BlockProblem, l1, nonnegativeL1 } from "./coordinate/problem.ts";
export { blockFunction } from "./coordinate/problems/custom.ts";
export { blockLeastSquares } from "./coordinate/problems/least-squares.ts";
export { blockLogistic } from "./coordinate/problems/logistic.ts";
export { blockQuadratic } from "./coordinate/problems/quadratic.ts";
export { blockSoftmax } from "./coordinate/problems/softmax.ts";

// Equality constraints

export { adaSketchNewton } from "./constrained/ada-sketch-newton.ts";
export { augmentedLagrangian } from "./constrained/augmented-lagrangian.ts";
export { affineConstraints, sphereConstraint, subjectTo } from "./constrained/constraint-functions.ts";
export { exactAugmentedLagrangian } from "./constrained/exact-augmented-lagrangian.ts";
export { equalityProblemFromGraph } from "./constrained/from-graph.ts";
export {
  type EqualityResult,
  type MinimizeEqualityOptions,
  minimizeEquality,
} from "./constrained/minimize-equality.ts";
export { type EqualityNewtonDirection, equalityNewtonDirection } from "./constrained/newton-direction.ts";
export type { EqualityProblem } from "./constrained/problem.ts";
export type { EqualityTestProblem } from "./constrained/problems/equality-test-problem.ts";
export { equalityTestProblems } from "./constrained/problems/equality-test-problems.ts";
export { poissonControl } from "./constrained/problems/poisson-control.ts";
export type { SketchKind, SketchMaker, SketchProjector } from "./constrained/sketch/contract.ts";
export { equilibrate } from "./constrained/sketch/equilibrate.ts";
export { sketchAndProject } from "./constrained/sketch/sketch-and-project.ts";
export { sqpL1 } from "./constrained/sqp-l1.ts";

// Linear separation

export { geometricMargin, NotSeparableError } from "./separation/geometric-margin.ts";
export { minimumNormPoint } from "./separation/minimum-norm-point.ts";
export { type BoundedMethod, perceptronBounds } from "./separation/perceptron-bounds.ts";
export { separate } from "./separation/separate.ts";
export { type SeparationIterate, separationIterates } from "./separation/separation-iterates.ts";
export type { SeparationMethod } from "./separation/separation-method.ts";
