import { ArgumentError } from "../check/errors.ts";
import { checkWithin } from "../check/numbers.ts";

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
const SERIES_UNTIL = 2;

/** phi(x) = e^(-x^2/2) / sqrt(2 pi). */
function density(x: number): number {
  return Math.exp((-x * x) / 2) / ROOT_TWO_PI;
}

// Phi(-x) for x > 2: phi(x) / (x + 1/(x + 2/(x + 3/(x + ...)))), Laplace's continued fraction from the inside out
function upperTail(x: number): number {
  const terms = Math.ceil(400 / x) + 10;
  let fraction = x;
  for (let k = terms; k >= 1; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}

/**
 * Distribution function of the standard normal distribution, to a relative error of 1e-14 even far in the lower tail:
 *
 *     Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...)   for |x| <= 2,   Laplace's continued fraction beyond
 *
 * Source: Marsaglia 2004, "Evaluating the normal distribution", Journal of Statistical Software 11(4).
 *
 * @throws ArgumentError when x is NaN
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) throw new ArgumentError("x must be a number, got NaN");
  if (x > SERIES_UNTIL) return 1 - upperTail(x);
  if (x < -SERIES_UNTIL) return x === Number.NEGATIVE_INFINITY ? 0 : upperTail(-x);
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > Math.abs(sum) * 1e-17; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/**
 * Quantile function of the standard normal distribution, the x with Phi(x) = p: a rational initial guess (Abramowitz &
 * Stegun 26.2.23), refined by Halley's method on Phi.
 *
 * @returns -Infinity for 0 and Infinity for 1
 * @throws ArgumentError unless p is in [0, 1]
 */
export function normalQuantile(p: number): number {
  checkWithin("[0, 1]", { p });
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(p));
  let x =
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let iteration = 0; iteration < 3; iteration++) {
    const newton = (normalCdf(x) - p) / density(x);
    x -= newton / (1 + (x * newton) / 2);
  }
  return x;
}
