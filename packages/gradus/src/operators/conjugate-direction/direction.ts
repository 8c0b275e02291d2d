/**
 * What gives conjugate directions their directions: any function of the residual, linear or not. A preconditioner is
 * one, as the `LinearOperator` that it is; `networkDirection` makes one of a network.
 */
export interface DirectionSource {
  /** out = a direction for this residual, every entry overwritten; its length does not matter. */
  apply(residual: Float64Array, out: Float64Array): void | Promise<void>;
}
