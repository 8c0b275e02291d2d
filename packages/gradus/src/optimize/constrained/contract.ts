import type { Iterate, MethodOptions } from "../../iterate/iterate.ts";
import type { OptimizationStatus } from "../status.ts";
import type { HessianPlace } from "./last-hessian.ts";
import type { PrimalDualPoint, ProblemCounts } from "./problem.ts";

/**
 * Why a method ends. `singular-jacobian`: the rows of G are (nearly) dependent, so that the Newton system has no
 * (reliable) solution; `no-acceptable-step`: no step of at least 1e-12 decreases the merit function enough.
 */
export type ConstrainedStatus = Extract<
  OptimizationStatus,
  "converged" | "singular-jacobian" | "no-acceptable-step" | "max-iterations"
>;

/** Evaluations of the problem and work of the inner solver. */
export interface ConstrainedCounts extends ProblemCounts {
  /** Row steps, sketches, Krylov steps or factorizations. */
  innerSteps: number;
  /** Multiplications and additions of the inner solver. */
  innerFlops: number;
}

/** What the last step did. */
export interface StepRecord {
  readonly stepSize: number;
  /** The merit function before and after, with the same penalties. */
  readonly meritBefore: number;
  readonly merit: number;
  readonly innerSteps: number;
  /** Residual of the Newton system over the KKT residual. */
  readonly residual: number;
  /** The method's penalties and accuracies after the step, by name. */
  readonly parameters: Readonly<Record<string, number>>;
  /** False when the adaptation met its limits before the direction was one of enough descent. */
  readonly descent: boolean;
}

/** The state of every method for equality constraints: plain data. */
export interface ConstrainedState {
  readonly point: PrimalDualPoint;
  /** Undefined while the method continues. */
  readonly status: ConstrainedStatus | undefined;
  /** Steps taken. */
  readonly steps: number;
  /** Of G; NaN at a point that needs no further step. */
  readonly smallestSingularValue: number;
  /** Penalties and accuracies that carry over, by name. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly counts: ConstrainedCounts;
  readonly last: StepRecord | undefined;
  /** Where the last Hessian was formed, where it preconditions steps by products. */
  readonly hessianPlace?: HessianPlace;
}

/** What every method for equality constraints shows. */
export interface ConstrainedView {
  readonly x: Float64Array;
  readonly lambda: Float64Array;
  /** f(x). */
  readonly value: number;
  /** ||(grad f + G^T lambda, c)||, also as `gradientNorm`. */
  readonly kkt: number;
  readonly gradientNorm: number;
  /** ||c(x)||. */
  readonly constraintNorm: number;
  /** Undefined while the method continues. */
  readonly status: ConstrainedStatus | undefined;
  readonly smallestSingularValue: number;
  readonly counts: Readonly<ConstrainedCounts>;
  /** The step that led here; undefined at the start. */
  readonly step: StepRecord | undefined;
  readonly done: boolean;
  /** Whether the tolerance was met. */
  readonly converged: boolean;
}

/** An iterate: where the method stands, with the state from which it continues. */
export type ConstrainedIterate = Iterate<ConstrainedState> & ConstrainedView;

/** Options of every method for equality constraints. */
export interface ConstrainedOptions extends MethodOptions<ConstrainedState> {
  /** First multipliers, m numbers; zeros by default. */
  readonly lambda0?: Float64Array;
  /** The method ends when the KKT residual is at most this. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  /** Added to the curvature where the reduced Hessian is not positive definite: B = H + (xiB + ||H||_F) I. */
  readonly xiB?: number;
  /** Least eigenvalue of the reduced Hessian that needs no correction. */
  readonly curvatureFloor?: number;
  /** How the reduced Hessian is tested: a Cholesky factorization (by default for n <= 500) or a Lanczos estimate. */
  readonly curvatureTest?: "cholesky" | "lanczos";
  /** The Jacobian is singular when the least eigenvalue of G G^T is below this. */
  readonly singularBelow?: number | "relative";
}

/** No constraint qualification left: least eigenvalue of G G^T over ||G||_F^2. */
export const RELATIVE_SINGULARITY = 1e-8;
