import type { TargetSurrogate } from "../surrogate.ts";

/** How an inner solver ended: all steps, its own criterion, no step found, or a value that is not finite. */
export type InnerStatus = "completed" | "converged" | "stalled" | "not-finite";

/** Where an inner solver ended, and how. */
export interface InnerResult {
  readonly theta: Float64Array;
  readonly status: InnerStatus;
  /** Steps made. */
  readonly steps: number;
  /** Of the last step; NaN where there is none. */
  readonly stepSize: number;
  /** |grad S_t(theta_t)|, which is the norm of the batch's gradient of the loss. */
  readonly gradientNorm: number;
  /** Set by exact solvers: the normal matrix was singular and the shortest solution was taken. */
  readonly rankDeficient?: boolean;
}

export interface InnerOptions {
  /** m: the most steps. */
  readonly steps: number;
  readonly batchesPerEpoch: number;
}

/** Makes a surrogate small from where it touches the loss. It calls the model, never the loss. */
export type InnerSolver = (surrogate: TargetSurrogate, options: InnerOptions) => Promise<InnerResult>;
