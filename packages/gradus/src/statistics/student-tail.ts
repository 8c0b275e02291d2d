import { logGamma } from "./gamma.ts";
import { normalCdf } from "./normal-distribution.ts";

/** Gamma(a + 1/2) / Gamma(a): from here on by a series in 1/a. */
const SERIES_FROM = 300;

/** Gamma(a + 1/2) / Gamma(a), to a few units of rounding. */
function halfStepRatio(a: number): number {
  let factor = 1;
  let at = a;
  // Gamma(a + 1) = a Gamma(a), where logarithms of Gamma would be too large for their difference
  while (at < SERIES_FROM && at >= 1) {
    factor *= at / (at + 0.5);
    at += 1;
  }
  if (at < SERIES_FROM) return Math.exp(logGamma(at + 0.5) - logGamma(at));
  const r = 1 / at;
  const series = 1 + r * (-1 / 8 + r * (1 / 128 + r * (5 / 1024 + r * (-21 / 32768 - (399 / 262144) * r))));
  return factor * Math.sqrt(at) * series;
}

/** The continued fraction of the incomplete beta function, by the modified Lentz method. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; ; m++) {
    let change = 1;
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + numerator * d);
      c = 1 + numerator / c;
      change *= c * d;
    }
    value *= change;
    if (Math.abs(change - 1) <= 2 * Number.EPSILON) return value;
  }
}

/** From here on T is nearly normal, and the continued fraction loses as many digits as the degrees of freedom have. */
const NORMAL_FROM = 1e5;
/** Squares of normal deviates from here on have a tail of 0. */
const NO_TAIL = 3000;

/**
 * P(T > t) by the normal deviate z with the same tail, in powers of 1/nu:  w = (nu - 1/2) ln(1 + t^2/nu),  b = 48 (nu - 1/2)^2,
 *
 *     z = sqrt(w) (1 + (w + 3)/b - (4 w^3 + 33 w^2 + 240 w + 855) / (10 b (b + 0.8 w^2 + 100)))
 *
 * Source: Hill 1970, "Algorithm 395: Student's t-distribution".
 */
function nearlyNormalTail(ratio: number, degrees: number): number {
  const a = degrees - 0.5;
  const b = 48 * a * a;
  const w = a * (ratio < 1 ? Math.log1p(ratio * ratio) : 2 * Math.log(Math.hypot(1, ratio)));
  if (w > NO_TAIL) return 0;
  const second = (((0.4 * w + 3.3) * w + 24) * w + 85.5) / (b + 0.8 * w * w + 100);
  return normalCdf(-Math.sqrt(w) * (1 + (w + 3 - second) / b));
}

/**
 * P(T > t) for a Student t variable with nu degrees of freedom and t >= 0, with its leading digits however small it is:
 *
 *     I_x(nu/2, 1/2) / 2,   x = nu / (nu + t^2)
 *
 * by the continued fraction of the incomplete beta function, of whichever of x and 1 - x it converges for; of many degrees
 * by the normal distribution.
 * Source: Abramowitz & Stegun 1964, 26.7.1, 26.5.2 and 26.5.8.
 */
export function studentTail(t: number, degrees: number): number {
  if (t === Number.POSITIVE_INFINITY) return 0;
  const a = degrees / 2;
  // t^2 may overflow
  const ratio = t / Math.sqrt(degrees);
  if (degrees >= NORMAL_FROM) return nearlyNormalTail(ratio, degrees);
  const [cosine, sine] = [1 / Math.hypot(1, ratio), ratio / Math.hypot(1, ratio)];
  // x^a (1 - x)^(1/2) / B(a, 1/2)
  const power = ratio < 1 ? Math.exp(-a * Math.log1p(ratio * ratio)) : cosine ** degrees;
  const front = (power * sine * halfStepRatio(a)) / Math.sqrt(Math.PI);
  const x = cosine * cosine;
  if (x < (a + 1) / (a + 2.5)) return (front * betaFraction(a, 0.5, x)) / a / 2;
  return 0.5 - front * betaFraction(0.5, a, sine * sine);
}
