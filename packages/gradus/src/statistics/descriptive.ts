import { checkWithin } from "../check/numbers.ts";
import { compensatedSum } from "../linalg/vector.ts";
import { checkSample } from "./check-sample.ts";

/**
 * Arithmetic mean, by a compensated sum.
 *
 * @throws DataError when there are no numbers or one is not finite
 */
export function sampleMean(x: ArrayLike<number>): number {
  checkSample("x", x);
  return compensatedSum(x) / x.length;
}

/**
 * The q-quantile of a sample, interpolated linearly between the sorted numbers x_0 <= x_1 <= ...:
 *
 *     x_k + (h - k) (x_{k+1} - x_k),   h = (n - 1) q,  k = floor(h)
 *
 * Source: Hyndman & Fan 1996, "Sample quantiles in statistical packages", type 7.
 *
 * @throws ArgumentError unless q is in [0, 1]
 * @throws DataError when there are no numbers or one is not finite
 */
export function quantile(x: ArrayLike<number>, q: number): number {
  checkWithin("[0, 1]", { q });
  checkSample("x", x);
  const sorted = Float64Array.from(x).sort();
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const share = place - below;
  return share === 0 ? sorted[below] : (1 - share) * sorted[below] + share * sorted[below + 1];
}

/**
 * The middle number, or the mean of the two middle ones.
 *
 * @throws DataError when there are no numbers or one is not finite
 */
export function median(x: ArrayLike<number>): number {
  return quantile(x, 0.5);
}
