export { adaSketchNewton } from "./ada-sketch-newton.ts";
export type { AccuracySchedule, AdaSketchNewtonOptions } from "./ada-sketch-options.ts";
export { type AugmentedLagrangianOptions, augmentedLagrangian } from "./augmented-lagrangian.ts";
export * from "./constraint-functions.ts";
export type {
  ConstrainedCounts,
  ConstrainedIterate,
  ConstrainedOptions,
  ConstrainedState,
  ConstrainedStatus,
  ConstrainedView,
  StepRecord,
} from "./contract.ts";
export { type ExactAugmentedLagrangian, exactAugmentedLagrangian } from "./exact-augmented-lagrangian.ts";
export { equalityProblemFromGraph, type GraphEqualityProblem } from "./from-graph.ts";
export type { ExactPenalties } from "./merit.ts";
export {
  type EqualityResult,
  type HistoryEntry,
  type MinimizeEqualityOptions,
  minimizeEquality,
} from "./minimize-equality.ts";
export type { EqualityProblem, PrimalDualPoint, ProblemCounts } from "./problem.ts";
export * from "./problems/index.ts";
export type { SketchKind, SystemMatrix } from "./sketch/contract.ts";
export { type EquilibratedSystem, equilibrate } from "./sketch/equilibrate.ts";
export {
  type SketchAndProjectIterate,
  type SketchAndProjectOptions,
  type SketchAndProjectState,
  type SketchAndProjectView,
  sketchAndProject,
} from "./sketch/sketch-and-project.ts";
export { type SqpL1Options, sqpL1 } from "./sqp-l1.ts";
