/** The covariances of pairs of Gaussian units before the activation, and the expectations after it. */
export interface DualPairs {
  /** Variance of u, one number per pair. */
  readonly k11: Float64Array;
  /** Covariance of u and v. */
  readonly k12: Float64Array;
  /** Variance of v. */
  readonly k22: Float64Array;
  /** E f(u) f(v), overwritten. */
  readonly covariance: Float64Array;
  /** E f'(u) f'(v), overwritten. */
  readonly derivative: Float64Array;
}

/**
 * The dual of an activation f:  E f(u) f(v)  and  E f'(u) f'(v)  for Gaussian units
 * (u, v) ~ N(0, [[k11, k12], [k12, k22]]).
 */
export interface DualActivation {
  readonly name: string;
  /** Fills `covariance` and `derivative`, which must not share memory with the inputs. */
  evaluate(pairs: DualPairs, signal?: AbortSignal): void | Promise<void>;
  /** Frees the compiled programs that are its own. */
  dispose?(): Promise<void>;
}
