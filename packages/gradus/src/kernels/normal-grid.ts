/** A trapezoidal rule for the standard normal distribution: E f(Z) = sum_i weights_i f(nodes_i). */
export interface NormalGrid {
  readonly nodes: Float64Array;
  /** Weights that sum to 1. */
  readonly weights: Float64Array;
}

/**
 * The trapezoidal rule on a grid of a given step from -range to range. For f analytic in the strip |Im z| < d its error
 * falls like exp(-2 pi d / step), for polynomials like exp(-2 pi^2 / step^2), and for f with a kink like step^2.
 * Source: Trefethen & Weideman 2014, "The exponentially convergent trapezoidal rule".
 */
export function normalGrid(range: number, step: number): NormalGrid {
  const half = Math.ceil(range / step);
  const nodes = Float64Array.from({ length: 2 * half + 1 }, (_, i) => (i - half) * step);
  const weights = nodes.map((node) => Math.exp((-node * node) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { nodes, weights: weights.map((weight) => weight / total) };
}
