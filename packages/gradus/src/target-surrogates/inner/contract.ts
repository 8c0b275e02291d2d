import type { TargetSurrogate } from "../surrogate.ts";

/** Why an inner solver ended: all steps made, its own criterion met, no step found, or a value that is not finite. */
export type InnerStatus = "completed" | "converged" | "stalled" | "not-finite";

/** The result of an inner solver. */
export interface InnerResult {
  readonly theta: Float64Array;
  readonly status: InnerStatus;
  /** Steps made. */
  readonly steps: number;
  /** Size of the last step; NaN if there was none. */
  readonly stepSize: number;
  /** |grad S_t(theta_t)|, which equals the norm of the batch loss's gradient. */
  readonly gradientNorm: number;
  /** Set by exact solvers if the normal matrix was singular and the minimum-norm solution was used. */
  readonly rankDeficient?: boolean;
}

export interface InnerOptions {
  /** m, the maximum number of steps. */
  readonly steps: number;
  readonly batchesPerEpoch: number;
}

/** Minimizes a surrogate, starting from the point where it is tight. It calls the model, never the loss. */
export type InnerSolver = (surrogate: TargetSurrogate, options: InnerOptions) => Promise<InnerResult>;
