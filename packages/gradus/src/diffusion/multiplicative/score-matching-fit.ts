import { DataError } from "../../check/errors.ts";
import { checkOneOf } from "../../check/options.ts";
import { checkSample } from "../../statistics/check-sample.ts";

/** The parameters of a fitted law. */
export interface ScoreMatchingFits {
  readonly exponential: { readonly rate: number };
  readonly gamma: { readonly shape: number; readonly rate: number };
  /** Mean and variance of log x. */
  readonly "log-normal": { readonly mean: number; readonly variance: number };
}

/** Moments of a sample of positive numbers. */
function momentsOf(x: ArrayLike<number>) {
  let [first, second, log, logSquare] = [0, 0, 0, 0];
  const n = x.length;
  for (let i = 0; i < n; i++) {
    first += x[i] / n;
    second += x[i] ** 2 / n;
    log += Math.log(x[i]) / n;
  }
  for (let i = 0; i < n; i++) logSquare += (Math.log(x[i]) - log) ** 2 / n;
  return { first, second, log, logSquare };
}

/**
 * Fits a law of positive numbers by score matching for non-negative data, the minimum of `implicitScoreLoss` in closed
 * form: with h = -r x, h = k - 1 - r x, and h = -1 - (log x - m) / v,
 *
 *     exponential: r = 2 E[x] / E[x^2];   gamma: k - 1 - r E[x] = -1 and r E[x^2] - (k - 1) E[x] = 2 E[x];
 *     log-normal: mean and variance of log x, as by maximum likelihood.
 *
 * Source: Hyvarinen 2007, "Some extensions of score matching", section 4.
 *
 * @throws ArgumentError for an unknown family
 * @throws DataError when the sample is empty, a number is not finite or not positive, or the numbers do not differ
 */
export function scoreMatchingFit<F extends keyof ScoreMatchingFits>(
  x: ArrayLike<number>,
  family: F,
): ScoreMatchingFits[F];
export function scoreMatchingFit(
  x: ArrayLike<number>,
  family: keyof ScoreMatchingFits,
): ScoreMatchingFits[keyof ScoreMatchingFits] {
  checkOneOf(["exponential", "gamma", "log-normal"], { family });
  checkSample("x", x);
  for (let i = 0; i < x.length; i++)
    if (!(x[i] > 0)) throw new DataError(`x must be positive, got ${x[i]} at index ${i}`);
  const { first, second, log, logSquare } = momentsOf(x);
  if (family === "exponential") return { rate: (2 * first) / second };
  const spread = second - first * first;
  if (!(logSquare > 0 && spread > 0))
    throw new DataError(`x must have numbers that differ for a ${family} law, got only ${x[0]}`);
  if (family === "log-normal") return { mean: log, variance: logSquare };
  const rate = first / spread;
  return { shape: rate * first, rate };
}
