import { ArgumentError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { studentTail } from "./student-tail.ts";

/**
 * P(|T| <= t) for a Student t variable with nu degrees of freedom, theta = atan(t / sqrt(nu)):
 *
 *     nu odd:   (2/pi) (theta + sin theta (cos theta + 2/3 cos^3 theta + ... + 2 4 .. (nu - 3) / (1 3 .. (nu - 2)) cos^(nu-2) theta))
 *     nu even:  sin theta (1 + 1/2 cos^2 theta + ... + 1 3 .. (nu - 3) / (2 4 .. (nu - 2)) cos^(nu-2) theta)
 *
 * Source: Abramowitz & Stegun 1964, 26.7.3 and 26.7.4.
 */
function centralProbability(t: number, degrees: number): number {
  const theta = Math.atan2(t, Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(theta), Math.cos(theta)];
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (theta + sine * sum) : sine * sum;
}

/**
 * P(T <= t) for a Student t variable with an integer number of degrees of freedom, to about 1e-15, and in the lower tail
 * to a relative error of about 1e-13, close to 100,000 degrees 5e-12.
 *
 * @throws ArgumentError unless degrees is an integer >= 1 and t a number
 */
export function studentTProbability(t: number, degrees: number): number {
  checkPositiveInteger({ degrees });
  if (Number.isNaN(t)) throw new ArgumentError("t must be a number, got NaN");
  const tail = studentTail(Math.abs(t), degrees);
  return t < 0 ? tail : 1 - tail;
}

/** The sum of the central probability has as many terms as half the degrees, and is close to 1 in the tails. */
const MOST_TERMS = 1000;
const LEAST_TAIL = 1e-3;

/**
 * The t with P(T <= t) = probability, by bisection; at (1 + c) / 2 it is the half-width, in standard errors, of an
 * interval with confidence c.
 *
 * @throws ArgumentError unless probability is in [1e-12, 1 - 1e-12] and degrees an integer >= 1
 */
export function studentTQuantile(probability: number, degrees: number): number {
  checkPositiveInteger({ degrees });
  if (!(probability >= 1e-12 && probability <= 1 - 1e-12))
    throw new ArgumentError(`probability must be in [1e-12, 1 - 1e-12], got ${probability}`);
  const tail = Math.min(probability, 1 - probability);
  const central = Math.abs(2 * probability - 1);
  const isBelow =
    degrees > MOST_TERMS || tail < LEAST_TAIL
      ? (t: number) => studentTail(t, degrees) > tail
      : (t: number) => centralProbability(t, degrees) < central;
  let [low, high] = [0, 1];
  while (isBelow(high)) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return probability < 0.5 ? -middle : middle;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
}
