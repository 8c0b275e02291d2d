/** The covariances under the joint law of two units before their activation, and what they become behind it. */
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
 * What an activation f does to Gaussian units:  E f(u) f(v)  and  E f'(u) f'(v)  for
 * (u, v) ~ N(0, [[k11, k12], [k12, k22]]).
 */
export interface DualActivation {
  readonly name: string;
  /** Fills `covariance` and `derivative`; neither is one of the arrays read. */
  evaluate(pairs: DualPairs, signal?: AbortSignal): void | Promise<void>;
  /** Frees what was compiled for it. */
  dispose?(): Promise<void>;
}
