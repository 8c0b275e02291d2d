import { checkLength } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkWithin } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { sampleMean } from "./descriptive.ts";
import { studentTQuantile } from "./student-t.ts";

/** The best-fitting power law y = e^intercept x^slope. */
export interface PowerLaw {
  /** The exponent. */
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope. */
  readonly standardError: number;
  /** The slope's confidence interval. */
  readonly interval: readonly [low: number, high: number];
}

function logarithms(name: string, values: ArrayLike<number>): Float64Array<ArrayBuffer> {
  return Float64Array.from(values, (value, i) => {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new DataError(`${name} must be finite and > 0, got ${value} at ${i}`);
    return Math.log(value);
  });
}

/**
 * Least-squares line of ln y on ln x: the exponent of a power law, such as the growth of an iteration count.
 *
 *     slope = S_xy / S_xx,   standard error = sqrt( sum of squared residuals / (n - 2) / S_xx ),
 *     interval = slope +- t standard error,  t the Student quantile of n - 2 degrees at (1 + confidence) / 2
 *
 * @param x at least 3 positive numbers, not all equal
 * @param y as many positive numbers
 * @param options.confidence coverage of the interval, in (0, 1), for independent normal residuals
 * @throws ArgumentError when there are fewer than 3 numbers, the lengths differ, all x are equal or the confidence is
 *   not in (0, 1), or for an unknown option
 * @throws DataError when a number is not finite and > 0
 */
export function logLogSlope(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: { confidence?: number } = {},
): PowerLaw {
  checkOptions("logLogSlope", options, ["confidence"]);
  const { confidence = 0.95 } = options;
  checkWithin("(0, 1)", { confidence });
  const n = x.length;
  if (n < 3) throw new ArgumentError(`x must have at least 3 numbers, got ${n}`);
  checkLength("y", y, n);
  const u = logarithms("x", x);
  const v = logarithms("y", y);
  if (u.every((value) => value === u[0]))
    throw new ArgumentError(`x must have at least two distinct numbers, got only ${x[0]}`);
  const [uMean, vMean] = [sampleMean(u), sampleMean(v)];
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    sxx += (u[i] - uMean) ** 2;
    sxy += (u[i] - uMean) * (v[i] - vMean);
  }
  const slope = sxy / sxx;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += (v[i] - vMean - slope * (u[i] - uMean)) ** 2;
  const standardError = Math.sqrt(residual / (n - 2) / sxx);
  const half = studentTQuantile((1 + confidence) / 2, n - 2) * standardError;
  return {
    slope,
    intercept: vMean - slope * uMean,
    standardError,
    interval: [slope - half, slope + half],
  };
}
