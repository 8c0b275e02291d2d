import { ArgumentError, DataError } from "../../check/errors.ts";

/** Examples with real targets. */
export interface RegressionRows {
  /** n x d, row-major. */
  readonly x: Float64Array;
  readonly n: number;
  readonly d: number;
  /** n targets. */
  readonly y: Float64Array;
}

/** How a step goes. */
export interface HostStep {
  readonly rate: number;
  /** A longer gradient is scaled to this norm. */
  readonly clip: number;
}

/** The squared loss R(theta) = (1/2n) sum_i (f(x_i; theta) - y_i)^2 of a network on its data, and what it is made of. */
export interface HostRegression {
  /** Examples. */
  readonly n: number;
  /** P, the length of theta. */
  readonly dimension: number;
  /** f(x_i; theta) - y_i. */
  residuals(theta: Float64Array): Float64Array;
  /** The gradients of the outputs, row by row: n x P. */
  jacobian(theta: Float64Array): {
    readonly rows: number;
    readonly columns: number;
    readonly values: Float64Array;
  };
  /** Their inner products, n x n, from a closed form: without P numbers a row. */
  gram(theta: Float64Array): { readonly rows: number; readonly gram: Float64Array };
  /**
   * theta <- theta - rate g with g = (1/B) sum_(i in batch) (f_i - y_i) grad f_i, scaled to the norm `clip` where it is
   * longer. Overwrites theta; allocates nothing.
   *
   * @param batch numbers of examples, of which the first B count
   * @returns |g| before it was scaled; NaN or Infinity where the parameters left float64's range
   */
  step(theta: Float64Array, batch: Int32Array, B: number, how: HostStep): number;
}

/** A network in typed arrays, for steps that cost less than a call of the graph engine would. */
export interface HostNetwork {
  /** P. */
  readonly dimension: number;
  /** d. */
  readonly features: number;
  /** f(x_i; theta) for rows of d features. */
  outputs(theta: Float64Array, x: Float64Array): Float64Array;
  /**
   * The network's squared loss on examples.
   *
   * @throws ArgumentError when the sizes do not fit; DataError when a number is not finite
   */
  on(data: RegressionRows): HostRegression;
}

/** R = (1/2n) sum_i r_i^2. */
export function halfMeanSquare(residuals: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < residuals.length; i++) sum += residuals[i] ** 2;
  return sum / (2 * residuals.length);
}

/** @throws ArgumentError, DataError unless the examples fit the network */
export function checkRegression({ x, n, d, y }: RegressionRows, features: number): void {
  if (d !== features) throw new ArgumentError(`data must have ${features} features, got ${d}`);
  if (!Number.isInteger(n) || n < 1) throw new ArgumentError(`data.n must be an integer >= 1, got ${n}`);
  if (x.length !== n * d) throw new ArgumentError(`data.x must have ${n} x ${d} numbers, got ${x.length}`);
  if (y.length !== n) throw new ArgumentError(`data.y must have ${n} numbers, got ${y.length}`);
  for (const [name, values] of Object.entries({ x, y }))
    for (const [k, value] of values.entries())
      if (!Number.isFinite(value)) throw new DataError(`data.${name} must be finite, got ${value} at ${k}`);
}

/** @throws ArgumentError unless there are as many parameters as the network has */
export function checkParameters(theta: Float64Array, dimension: number): void {
  if (theta.length !== dimension)
    throw new ArgumentError(`theta must have ${dimension} numbers, got ${theta.length}`);
}
