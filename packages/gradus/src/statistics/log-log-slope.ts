import { ArgumentError, DataError } from "../errors.ts";
import { mean } from "./descriptive.ts";

/** The power law y = e^intercept x^slope that fits best. */
export interface PowerLaw {
  /** The exponent. */
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope. */
  readonly standardError: number;
}

function logarithms(name: string, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value, i) => {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new DataError(`${name} must be finite and > 0, got ${value} at ${i}`);
    return Math.log(value);
  });
}

/**
 * Least-squares line of ln y on ln x: the exponent of a power law, such as how an iteration count grows.
 *
 *     slope = S_xy / S_xx,   standard error = sqrt( sum of squared residuals / (n - 2) / S_xx )
 *
 * @param x at least 3 positive numbers, not all equal
 * @param y as many positive numbers
 * @throws ArgumentError when there are fewer than 3 numbers, the lengths differ or all x are equal
 * @throws DataError when a number is not finite and > 0
 */
export function logLogSlope(x: ArrayLike<number>, y: ArrayLike<number>): PowerLaw {
  const n = x.length;
  if (n < 3) throw new ArgumentError(`x must have at least 3 numbers, got ${n}`);
  if (y.length !== n) throw new ArgumentError(`y must have as many numbers as x, ${n}, got ${y.length}`);
  const u = logarithms("x", x);
  const v = logarithms("y", y);
  if (u.every((value) => value === u[0]))
    throw new ArgumentError(`x must have two different numbers, got only ${x[0]}`);
  const [uMean, vMean] = [mean(u), mean(v)];
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    sxx += (u[i] - uMean) ** 2;
    sxy += (u[i] - uMean) * (v[i] - vMean);
  }
  const slope = sxy / sxx;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += (v[i] - vMean - slope * (u[i] - uMean)) ** 2;
  return { slope, intercept: vMean - slope * uMean, standardError: Math.sqrt(residual / (n - 2) / sxx) };
}
