import type { Iterate } from "../../iterate/iterate.ts";
import type { InPlaceStepper } from "../../iterate/iterate-in-place.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";

/**
 * Why conjugate gradients end. `nonpositive-curvature`: the direction d has d^T A d <= 0 (to rounding), so that A is
 * not positive definite; `boundary`: the step left the trust region; `stagnated`: the recurrence is within the tolerance,
 * but rounding keeps ||b - A x|| above it.
 */
export type ConjugateGradientOutcome = "converged" | "nonpositive-curvature" | "boundary" | "stagnated";

/** Plain data from which the method continues. */
export interface ConjugateGradientState {
  x: Float64Array;
  residual: Float64Array;
  direction: Float64Array;
  /** r^T M^-1 r. */
  rho: number;
  /** d^T d. */
  squaredLength: number;
  residualNorm: number;
  curvature: number | undefined;
  largestCurvature: number;
  outcome: ConjugateGradientOutcome | undefined;
}

/** What an iterate of conjugate gradients shows. */
export interface ConjugateGradientView {
  /** ||b - A x|| by the recurrence; at the end as measured, where rounding may have led the recurrence astray. */
  readonly residualNorm: number;
  /** d^T A d / d^T d of the direction stepped along last; undefined at the start. */
  readonly curvature: number | undefined;
  /** Why the method ends here; undefined while it continues. */
  readonly outcome: ConjugateGradientOutcome | undefined;
  readonly done: boolean;
  /** Whether ||b - A x|| is within the tolerance. */
  readonly converged: boolean;
}

export interface ConjugateGradientVectors extends LinearSystemSolution {
  /** The next direction d; on `nonpositive-curvature` the one that has it. */
  readonly direction: Float64Array;
}

/** An iterate of conjugate gradients: what it shows, and its vectors, computed when they are read. */
export type ConjugateGradientIterate = Iterate<ConjugateGradientState> &
  ConjugateGradientView &
  ConjugateGradientVectors;

/** How conjugate gradients step. */
export type ConjugateGradientStepper = InPlaceStepper<
  ConjugateGradientState,
  ConjugateGradientView,
  ConjugateGradientVectors
>;
