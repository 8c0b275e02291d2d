import { checkLimit, checkPositive } from "../check/numbers.ts";

// B_2k / (2k (2k - 1)) for k = 1 .. 8
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
const HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;
const STIRLING_FROM = 10;

/** sum_k B_2k / (2k (2k - 1) x^(2k - 1)), for x >= 10. */
function stirling(x: number): number {
  const inverseSquare = 1 / (x * x);
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * inverseSquare + STIRLING[k];
  return series / x;
}

/**
 * Natural logarithm of the gamma function, by Stirling's series after shifting x to at least 10:
 *
 *     ln Gamma(x) = (x - 1/2) ln x - x + ln(2 pi)/2 + sum_k B_2k / (2k (2k - 1) x^(2k - 1))
 *
 * Absolute error about 1e-15 times max(1, |result|).
 *
 * @throws ArgumentError unless x is finite and > 0
 */
export function logGamma(x: number): number {
  checkPositive({ x });
  let shifted = x;
  let product = 1;
  while (shifted < STIRLING_FROM) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + stirling(shifted) - Math.log(product)
  );
}

/**
 * Regularized incomplete gamma function, the distribution function of a gamma variable of the given shape:
 *
 *     P(a, x) = 1/Gamma(a) integral_0^x t^(a-1) e^-t dt
 *
 * Power series for x < a + 1 (Abramowitz & Stegun 6.5.29), Legendre's continued fraction beyond (6.5.31).
 *
 * @throws ArgumentError unless shape is finite and > 0 and x >= 0
 */
export function regularizedGamma(shape: number, x: number): number {
  checkLimit({ x });
  checkPositive({ shape });
  if (x === 0) return 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  const factor = powerTimesDecay(shape, x);
  return x < shape + 1 ? factor * lowerSeries(shape, x) : 1 - factor * upperFraction(shape, x);
}

/** From here on the logarithms of x^a and Gamma(a) are so large that their difference has few digits. */
const LARGE_SHAPE = 1000;

/** x^a e^-x / Gamma(a). */
function powerTimesDecay(a: number, x: number): number {
  if (a < LARGE_SHAPE) return Math.exp(a * Math.log(x) - x - logGamma(a));
  const excess = (x - a) / a;
  const logarithm = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(x / a);
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * (logarithm - excess) - stirling(a));
}

// sum_k x^k / (a (a + 1) ... (a + k))
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * Number.EPSILON; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

// 1/(x + 1 - a - 1 (1 - a)/(x + 3 - a - 2 (2 - a)/(x + 5 - a - ...))), by the modified Lentz method
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let value = d;
  for (let k = 1; ; k++) {
    const numerator = k * (a - k);
    b += 2;
    d = 1 / (b + numerator * d);
    c = b + numerator / c;
    const change = c * d;
    value *= change;
    if (Math.abs(change - 1) <= 2 * Number.EPSILON) return value;
  }
}
