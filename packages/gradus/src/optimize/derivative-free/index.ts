// Minimizing without derivatives. Methods evaluate many points per call, synchronously or not (`BatchObjective`), and
// are iterators; several independent runs can share a batch.

// Objectives by batches of points

export { type BatchObjective, objectiveFromFunction } from "./batch-objective.ts";
export {
  answerBatches,
  type BatchPort,
  type NodePort,
  type WebPort,
  workerObjective,
} from "./worker-objective.ts";

// Consensus-based optimization

export {
  type ConsensusArrays,
  type ConsensusIterate,
  type ConsensusView,
  consensusBasedOptimization,
} from "./consensus-based-optimization.ts";
export type { ConsensusOptions, ParticleBatch, ParticleMemory } from "./consensus-options.ts";
export { type ConsensusPoint, consensusPoint } from "./consensus-point.ts";
export type { ConsensusState } from "./consensus-state.ts";
export { meanSquareFactor, type NoiseKind } from "./consensus-step.ts";
export {
  effectiveSampleSizeRule,
  growingInverseTemperature,
  type InverseTemperature,
} from "./inverse-temperature.ts";
export type { Box, Coordinates, GaussianCloud, StartingParticles, UniformCloud } from "./particles.ts";
export type { StepRule } from "./step-rule.ts";

// Consensus hopping and its limits

export {
  type ConsensusHoppingOptions,
  consensusHopping,
  type HoppingArrays,
  type HoppingIterate,
  type HoppingState,
  type HoppingView,
} from "./consensus-hopping.ts";
export {
  type MinimizingMovementOptions,
  type MovementIterate,
  type MovementState,
  type MovementView,
  minimizingMovement,
  type ProximalSolver,
  proximalObjective,
} from "./minimizing-movement.ts";
export { proximal, type Univariate } from "./proximal.ts";
export { type SoftMoreauEnvelope, softMoreauEnvelope } from "./soft-moreau-envelope.ts";

// Langevin dynamics

export {
  annealedNoise,
  type LangevinIterate,
  type LangevinOptions,
  type LangevinState,
  type LangevinView,
  langevinDynamics,
} from "./langevin-dynamics.ts";

// Other methods by values

export {
  type CmaEsIterate,
  type CmaEsOptions,
  type CmaEsParameters,
  type CmaEsState,
  type CmaEsView,
  cmaEs,
  cmaEsParameters,
} from "./cma-es.ts";
export {
  type NelderMeadIterate,
  type NelderMeadOptions,
  type NelderMeadState,
  type NelderMeadView,
  nelderMead,
} from "./nelder-mead.ts";

// One call within a budget of evaluations

export {
  type Attempt,
  type MinimizeByValuesOptions,
  minimizeByValues,
  type ValueIterate,
  type ValueMinimum,
} from "./minimize-by-values.ts";
