import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";

/** Examples with real targets. */
export interface RegressionRows {
  readonly x: DenseMatrix;
  /** One target a row. */
  readonly y: Float64Array;
}

/** How a step goes. */
export interface HostStep {
  readonly learningRate: number;
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
  jacobian(theta: Float64Array): DenseMatrix;
  /** Their inner products, n x n, from a closed form: without P numbers per row. */
  gram(theta: Float64Array): DenseMatrix;
  /**
   * theta <- theta - learningRate g with g = (1/B) sum_(i in batch) (f_i - y_i) grad f_i, scaled to the norm `clip` where it is
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
  outputs(theta: Float64Array, x: DenseMatrix): Float64Array;
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
export function checkRegression({ x, y }: RegressionRows, features: number): void {
  checkFiniteDense("data.x", x);
  if (x.columns !== features)
    throw new ArgumentError(`data.x must have ${features} columns, got ${x.columns}`);
  checkLength("data.y", y, x.rows);
  checkFiniteVector("data.y", y);
}

/** @throws ArgumentError unless x is a dense matrix of the network's features */
export function checkInputs(x: DenseMatrix, features: number): void {
  checkDense("x", x);
  if (x.columns !== features) throw new ArgumentError(`x must have ${features} columns, got ${x.columns}`);
}

/** @throws ArgumentError unless there are as many parameters as the network has */
export function checkParameters(theta: Float64Array, dimension: number): void {
  if (theta.length !== dimension)
    throw new ArgumentError(`theta must have ${dimension} numbers, got ${theta.length}`);
}
