import { zerosOf } from "../../check/arrays.ts";
import { checkIntegerWithin, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { FunctionSpace } from "./function-space.ts";

export interface PolynomialSpaceOptions {
  /** Number of evenly spaced points, both ends included. */
  readonly points: number;
  /** The interval is [0, end]. */
  readonly end?: number;
  /** N, the number of coefficients. */
  readonly terms?: number;
  /** M: coefficients are uniform on [-M, M]. */
  readonly bound?: number;
}

/** Sums of basis functions with uniform coefficients; `fill` writes the basis at one x of [0, 1]. */
function seriesSpace(
  of: string,
  options: PolynomialSpaceOptions,
  fill: (x: number, basis: Float64Array) => void,
): FunctionSpace {
  checkGivenOptions(of, options, ["points", "end", "terms", "bound"]);
  const { points, end = 1, terms = 20, bound = 1 } = options;
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { points });
  checkPositiveInteger({ terms });
  checkPositive({ end, bound });
  const grid = zerosOf({ points }).map((_, i) => (end * i) / (points - 1));
  const basis = zerosOf({ points, terms });
  for (let i = 0; i < points; i++) fill(i / (points - 1), basis.subarray(i * terms, (i + 1) * terms));
  return {
    grid,
    sample(stream, count = 1) {
      checkPositiveInteger({ count });
      const values = zerosOf({ count, points });
      const coefficients = new Float64Array(terms);
      for (let s = 0; s < count; s++) {
        stream.fillUniform(coefficients);
        for (let k = 0; k < terms; k++) coefficients[k] = bound * (2 * coefficients[k] - 1);
        for (let i = 0; i < points; i++) {
          let sum = 0;
          for (let k = 0; k < terms; k++) sum += coefficients[k] * basis[i * terms + k];
          values[s * points + i] = sum;
        }
      }
      return values;
    },
  };
}

/**
 * Chebyshev series with uniform coefficients: u(x) = sum_(k < N) a_k T_k(2 x / end - 1), a_k uniform on [-M, M].
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, the orthogonal polynomials of the second input space.
 *
 * @throws ArgumentError unless points is an integer >= 2, terms an integer >= 1, and end and bound are finite and > 0, or
 *   for an unknown option
 */
export function chebyshevSpace(options: PolynomialSpaceOptions): FunctionSpace {
  return seriesSpace("chebyshevSpace", options, (x, basis) => {
    const z = 2 * x - 1;
    for (let k = 0; k < basis.length; k++)
      basis[k] = k === 0 ? 1 : k === 1 ? z : 2 * z * basis[k - 1] - basis[k - 2];
  });
}

/**
 * Power series with uniform coefficients: u(x) = sum_(k < N) a_k (x / end)^k, a_k uniform on [-M, M].
 *
 * @throws ArgumentError unless points is an integer >= 2, terms an integer >= 1, and end and bound are finite and > 0, or
 *   for an unknown option
 */
export function powerSeriesSpace(options: PolynomialSpaceOptions): FunctionSpace {
  return seriesSpace("powerSeriesSpace", options, (x, basis) => {
    for (let k = 0; k < basis.length; k++) basis[k] = k === 0 ? 1 : x * basis[k - 1];
  });
}
