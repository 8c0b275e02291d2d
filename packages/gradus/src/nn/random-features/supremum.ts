import { gemm } from "@gradus/blas/dense";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import type { RidgeActivation } from "./activations.ts";

/** Correlations  R(a, b) = mean_j sigma(a x_j - b) g_j  of several functions g over a box of (a, b). */
interface Correlations {
  /** N numbers. */
  readonly x: Float64Array;
  /** N x k, one function a column, of mean square 1. */
  readonly G: DenseMatrix;
  readonly sigma: RidgeActivation;
  readonly slope: number;
  readonly bias: number;
  /** Points on each axis. */
  readonly grid: number;
}

/** The largest |R| of each function at the points of the grid: zeros of a Chebyshev polynomial on each axis. */
function largestOnGrid({ x, G, sigma, slope, bias, grid }: Correlations): Float64Array<ArrayBuffer> {
  const N = x.length;
  const zeros = Float64Array.from({ length: grid }, (_, k) => Math.cos(((2 * k + 1) * Math.PI) / (2 * grid)));
  const largest = new Float64Array(G.columns);
  const features = new Float64Array(grid * N);
  const { value } = sigma;
  for (const zero of zeros) {
    const a = slope * zero;
    for (let i = 0, k = 0; i < grid; i++) {
      const b = bias * zeros[i];
      for (let j = 0; j < N; j++, k++) features[k] = value(a * x[j] - b);
    }
    const products = gemm({ a: denseMatrix(features, grid, N), b: G }).values;
    for (let k = 0, c = 0; k < products.length; k++) {
      const size = Math.abs(products[k]) / N;
      if (size > largest[c]) largest[c] = size;
      c = c + 1 === G.columns ? 0 : c + 1;
    }
  }
  return largest;
}

/** The largest |x|; not 0, which has no ellipse. */
const reachOf = (x: Float64Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-200);

/** rho > 1 with  (rho - 1 / rho) / 2 = height:  the ellipse of that height around [-1, 1]. */
const ellipse = (height: number) => height + Math.hypot(height, 1);

/** Heights of the strip around the real line, geometric. */
const HEIGHTS = Array.from({ length: 80 }, (_, k) => 0.02 * 1.1 ** k);

interface Approximation {
  readonly degree: number;
  /** Distance of R to a polynomial of that degree in each variable. */
  readonly error: number;
}

/**
 * How near polynomials come to R, for degrees below the grid's points: where |R| <= B on the ellipses rho and rho' of the
 * two variables, Chebyshev coefficients are at most 4 B rho^-j rho'^-k, and what is left out sums to
 *
 *     4 B ( rho^-d / (rho - 1)  rho' / (rho' - 1) + rho'^-d / (rho' - 1)  rho / (rho - 1) ).
 *
 * Source: Trefethen 2013, "Approximation Theory and Approximation Practice", Theorem 8.1, in each variable.
 */
function approximations({ x, sigma, slope, bias, grid }: Correlations): Approximation[] {
  const reach = slope * reachOf(x);
  return Array.from({ length: grid - 1 }, (_, index) => {
    const degree = index + 1;
    let error = Number.POSITIVE_INFINITY;
    for (const height of HEIGHTS) {
      // times mean |g|, which is at most 1 because the mean square is 1
      const bound = sigma.stripBound(height);
      if (!(bound < Number.POSITIVE_INFINITY)) break;
      const [p, q] = [ellipse(height / 2 / reach), ellipse(height / 2 / bias)];
      const left = (p ** -degree / (p - 1)) * (q / (q - 1)) + (q ** -degree / (q - 1)) * (p / (p - 1));
      error = Math.min(error, 4 * bound * left);
    }
    return { degree, error };
  });
}

/**
 * An upper bound of  sup |R|  over the box for each function, from its values on a grid of M x M Chebyshev points: with a
 * polynomial p of degree d < M in each variable and |R - p| <= e,
 *
 *     sup |R| <= (max on the grid of |R| + e) / cos(pi d / (2 M))^2 + e,
 *
 * the best over d; or the maximum on the grid plus the Lipschitz constant times the distance to it, where that is less.
 * Rounding of the means is allowed for.
 * Source: Ehlich & Zeller 1964, "Schwankung von Polynomen zwischen Gitterpunkten".
 */
export function supremumOverBox(correlations: Correlations): Float64Array<ArrayBuffer> {
  const { x, sigma, slope, bias, grid } = correlations;
  const N = x.length;
  const largest = largestOnGrid(correlations);
  const near = approximations(correlations);
  const allowance = (sigma.lipschitz * (slope * reachOf(x) + bias) * Math.PI) / (2 * grid);
  return largest.map((maximum) => {
    const rounded = maximum + 2 * N * Number.EPSILON;
    let supremum = rounded + allowance;
    for (const { degree, error } of near) {
      const factor = Math.cos((Math.PI * degree) / (2 * grid)) ** -2;
      supremum = Math.min(supremum, (rounded + error) * factor + error);
    }
    return supremum;
  });
}
