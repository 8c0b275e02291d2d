import type { DesignMap } from "../objectives/design-map.ts";
import type { MaybePromise } from "../objectives/objective.ts";

/** A model on the rows of one batch: f: R^dimension -> R^(rows x outputs), and its derivatives. */
export interface TargetMap {
  /** Number p of parameters. */
  readonly dimension: number;
  readonly rows: number;
  /** Number q of targets per row. */
  readonly outputs: number;
  /** f(theta), rows x outputs, row-major. */
  targets(theta: Float64Array): MaybePromise<Float64Array>;
  /** J(theta)^T w for cotangents w, rows x outputs. */
  pullback(theta: Float64Array, cotangents: Float64Array): MaybePromise<Float64Array>;
  /** J(theta) v, rows x outputs. */
  pushforward(theta: Float64Array, tangent: Float64Array): MaybePromise<Float64Array>;
  /** The matrix X if the map is linear, f(theta) = X theta, for solvers that use it. */
  readonly design?: DesignMap;
}

/** A model with the data on which it is evaluated. */
export interface TargetModel {
  readonly dimension: number;
  /** Number n of rows of the data. */
  readonly rows: number;
  readonly outputs: number;
  /** The model on the given rows, gathered once; defaults to all rows. */
  on(rows?: Int32Array): TargetMap;
}

/** The mean loss l(z) of a batch as a function of its targets: the oracle, whose gradient is expensive. */
export interface BatchLoss {
  /** The mean over the rows of l_i(z_i). */
  value(targets: Float64Array): MaybePromise<number>;
  /** The mean, and the gradient of each row's l_i (not divided by the number of rows), rows x outputs. */
  valueAndGradient(
    targets: Float64Array,
  ): MaybePromise<{ readonly value: number; readonly gradient: Float64Array }>;
  /** Second derivative of each l_i in each target, for the Newton-like proximal term. */
  curvature?(targets: Float64Array): Float64Array;
}

/** A loss of targets, one term l_i per row. */
export interface TargetLoss {
  /** Number q of targets per row. */
  readonly outputs: number;
  /** Number of rows with labels. */
  readonly rows: number;
  /** L, if every l_i has an L-Lipschitz gradient in its targets; otherwise undefined. */
  readonly smoothness?: number;
  /** The loss on the given rows, gathered once; defaults to all rows. */
  on(rows?: Int32Array): BatchLoss;
}

/** The model and the loss on the batch of one outer step. */
export interface TargetBatch {
  readonly map: TargetMap;
  readonly loss: BatchLoss;
  /** The batch's row numbers, if the problem has a fixed set of rows. */
  readonly rowNumbers?: Int32Array;
  /** The model on all rows, for a proximal term over all rows. */
  readonly whole?: TargetMap;
}

/** A stochastic problem  min E l_R(f_R(theta)),  the source of batches for every method here. */
export interface TargetProblem {
  readonly dimension: number;
  readonly outputs: number;
  /** Number of rows of the data; undefined for a stream that generates its data. */
  readonly rows?: number;
  readonly batchesPerEpoch: number;
  /** Whether every batch consists of all rows. */
  readonly deterministic: boolean;
  readonly smoothness?: number;
  /** The batch of step 0, 1, ...; it depends only on the arguments, so runs resume bit for bit. */
  at(iteration: number, theta: Float64Array): MaybePromise<TargetBatch>;
}

/** Calls since the start. */
export interface TargetCounts {
  /** Evaluations of the gradient of l on a new batch, which the method saves. */
  oracleCalls: number;
  /** Steps of the inner solvers. */
  innerSteps: number;
  /** Evaluations of f on a batch (for a linear model: products with X). */
  forward: number;
  /** Products J^T w. */
  pullback: number;
  /** Products J v of models that are not linear. */
  pushforward: number;
  /** Values of l at shifted targets, by a line search in target space. */
  lossValues: number;
}

export const noCalls = (): TargetCounts => ({
  oracleCalls: 0,
  innerSteps: 0,
  forward: 0,
  pullback: 0,
  pushforward: 0,
  lossValues: 0,
});
