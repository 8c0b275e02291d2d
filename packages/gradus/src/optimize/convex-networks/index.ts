// Networks with one hidden layer of rectified units, trained to their global optimum by convex programs.

// Training with a certificate

export { type CertificateOptions, certifyNetwork, type GlobalCertificate } from "./certificate.ts";
export {
  type ConvexNetworkFit,
  type FitConvexNetworkOptions,
  type FitMethod,
  type FitProgress,
  fitConvexReluNetwork,
  type PatternCertificate,
} from "./fit.ts";

// Networks

export {
  type GroupedWeights,
  networkObjective,
  networkOutputs,
  networkPenalty,
  type ReluNetwork,
  recoverNetwork,
} from "./network.ts";
export { type NetworkDescent, networkDescent } from "./network-descent.ts";
export { type NetworkToOnnxOptions, networkToOnnx } from "./to-onnx.ts";

// Activation patterns

export {
  type ActivationPatterns,
  enumeratePatterns,
  type Perturbation,
  patternsOfDirections,
  type SamplePatternsOptions,
  samplePatterns,
} from "./patterns.ts";
export { withOnes } from "./problem.ts";

// The convex program over patterns

export {
  type ConvexNetworkFigures,
  type ConvexNetworkIterate,
  type ConvexNetworkOptions,
  type ConvexNetworkView,
  convexNetworkIterates,
  type SplittingOptions,
  type SplittingUpdate,
} from "./iterates.ts";
export { type PatternSystem, patternSystem } from "./pattern-system.ts";

// Programs over sampled directions

export {
  type RefinedNetworkIterate,
  type RefinedNetworkOptions,
  type RefinedNetworkView,
  type RefinedState,
  type RefinementOptions,
  refinedNetworkIterates,
} from "./refined-iterates.ts";
export {
  type SampledNetworkFigures,
  type SampledNetworkIterate,
  type SampledNetworkOptions,
  type SampledNetworkView,
  type SampledState,
  sampledNetworkIterates,
} from "./sampled-iterates.ts";
export { type ScenarioBoundOptions, scenarioBound } from "./scenario-bound.ts";
export {
  type WidenedNetworkIterate,
  type WidenedNetworkOptions,
  type WidenedNetworkView,
  type WidenedState,
  type WideningOptions,
  widenedNetworkIterates,
} from "./widened-iterates.ts";

// Adversarial training

export { type AttackOptions, fgsmAttack, type PgdAttackOptions, pgdAttack } from "./robust/attacks.ts";
export { certifiedMargins } from "./robust/certified-margins.ts";
export {
  type RobustNetworkFigures,
  type RobustNetworkIterate,
  type RobustNetworkOptions,
  type RobustNetworkView,
  robustNetworkIterates,
} from "./robust/robust-iterates.ts";
export type { RobustState } from "./robust/robust-state.ts";
export type { Robustness } from "./robust/robustness.ts";

// Types of several of these

export type { SplittingState } from "./admm-state.ts";
export type { NetworkLoss } from "./output-loss.ts";
export type { NetworkProblem } from "./problem.ts";
export type { Factor } from "./products.ts";
