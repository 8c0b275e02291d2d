import { zerosOf } from "../check/arrays.ts";
import { ConvergenceError } from "../check/errors.ts";
import { checkIntegerWithin, checkWithin } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { extremeUnit } from "../linalg/extreme-unit.ts";
import { compensatedSum } from "../linalg/vector.ts";
import { randomStream } from "../random/stream.ts";
import { quantile } from "./descriptive.ts";
import { normalCdf, normalQuantile } from "./normal-distribution.ts";

export interface BootstrapOptions {
  /** Nominal coverage of the interval, in (0, 1). */
  readonly confidence?: number;
  /** Number of resamples. */
  readonly resamples?: number;
  /** `percentile`: quantiles of the resampled figures; `bca`: the same, corrected for bias and skewness. */
  readonly method?: "bca" | "percentile";
  readonly seed: number;
}

/** A statistic of a sample with its bootstrap interval. */
export interface BootstrapInterval {
  /** The statistic of the whole sample. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Standard deviation of the statistic over the resamples. */
  readonly standardError: number;
}

function finite(figure: number, what: string): number {
  if (!Number.isFinite(figure))
    throw new ConvergenceError(`the statistic of ${what} must be finite, got ${figure}`);
  return figure;
}

/** The acceleration: the skewness of the jackknife values divided by 6 (Efron 1987, eq. 7.3). */
function acceleration(n: number, statistic: (rows: Int32Array) => number): number {
  const without = new Float64Array(n);
  for (let left = 0; left < n; left++) {
    const rows = Int32Array.from({ length: n - 1 }, (_, i) => (i < left ? i : i + 1));
    without[left] = finite(statistic(rows), `all rows but ${left}`);
  }
  const mean = compensatedSum(without) / n;
  const unit = distanceUnit(without, mean);
  let square = 0;
  let cube = 0;
  for (const figure of without) {
    const difference = (mean - figure) / unit;
    square += difference ** 2;
    cube += difference ** 3;
  }
  return square === 0 ? 0 : cube / (6 * square ** 1.5);
}

/** Cubes of numbers within its inverse and this stay within float64. */
const FAR = 2 ** 300;

/** The unit in which squares and cubes of distances from the mean stay within float64. */
function distanceUnit(figures: Float64Array, mean: number): number {
  return extremeUnit(
    figures.reduce((most, figure) => Math.max(most, Math.abs(figure - mean)), 0),
    FAR,
  );
}

/** The two probabilities at which the quantiles of the resampled figures are taken. */
function bcaLevels(figures: Float64Array, estimate: number, a: number, tail: number): [number, number] {
  let below = 0;
  for (const figure of figures) below += figure < estimate ? 1 : figure === estimate ? 0.5 : 0;
  const resamples = figures.length;
  // an estimate beyond all resampled figures would have an infinite bias
  const share = Math.min(Math.max(below, 0.5), resamples - 0.5) / resamples;
  const bias = normalQuantile(share);
  const level = (z: number): number => normalCdf(bias + (bias + z) / (1 - a * (bias + z)));
  return [level(normalQuantile(tail)), level(normalQuantile(1 - tail))];
}

/**
 * Bootstrap confidence interval of a statistic: the statistic is recomputed on samples of n rows drawn with
 * replacement, and the interval's ends are quantiles of the resulting figures. BCa, the default, takes the quantiles at
 *
 *     Phi(b + (b + z) / (1 - a (b + z))),   z = Phi^-1(1/2 -+ confidence/2)
 *
 * where b comes from the share of figures below the estimate and a from leaving out one row at a time (n more
 * evaluations).
 * Source: Efron 1987, "Better bootstrap confidence intervals", JASA 82.
 *
 * @param n number of rows
 * @param statistic the statistic of the given rows; row numbers may repeat
 * @throws ArgumentError unless n >= 2, confidence is in (0, 1) and resamples an integer >= 2, or for an unknown option or
 *   method
 * @throws ConvergenceError when a figure is not finite
 */
export function bootstrapRows(
  n: number,
  statistic: (rows: Int32Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  checkGivenOptions("bootstrapRows", options, ["confidence", "resamples", "method", "seed"]);
  const { confidence = 0.95, resamples = 2000, method = "bca", seed } = options;
  checkIntegerWithin(2, 2 ** 31 - 1, { n });
  checkWithin("(0, 1)", { confidence });
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { resamples });
  checkOneOf(["bca", "percentile"], { method });
  const estimate = finite(statistic(Int32Array.from({ length: n }, (_, i) => i)), "the sample");
  const stream = randomStream(seed);
  const rows = new Int32Array(n);
  const figures = zerosOf({ resamples });
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < n; i++) rows[i] = stream.integer(n);
    figures[resample] = finite(statistic(rows), `resample ${resample}`);
  }
  const mean = compensatedSum(figures) / resamples;
  const unit = distanceUnit(figures, mean);
  const square = figures.reduce((sum, figure) => sum + ((figure - mean) / unit) ** 2, 0);
  const tail = (1 - confidence) / 2;
  const [lower, upper] =
    method === "bca" ? bcaLevels(figures, estimate, acceleration(n, statistic), tail) : [tail, 1 - tail];
  return {
    estimate,
    low: quantile(figures, lower),
    high: quantile(figures, upper),
    standardError: unit * Math.sqrt(square / (resamples - 1)),
  };
}

/**
 * Bootstrap confidence interval of a statistic of a sample of numbers, as `bootstrapRows`.
 *
 * @param sample at least 2 numbers
 * @param statistic a function of n or n - 1 numbers, such as `sampleMean` or `median`; the array is reused
 * @throws ArgumentError, ConvergenceError as `bootstrapRows`
 */
export function bootstrapInterval(
  sample: ArrayLike<number>,
  statistic: (values: Float64Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  checkGivenOptions("bootstrapInterval", options, ["confidence", "resamples", "method", "seed"]);
  const whole = new Float64Array(sample.length);
  const values = (rows: Int32Array): Float64Array => {
    const picked = whole.subarray(0, rows.length);
    for (let i = 0; i < rows.length; i++) picked[i] = sample[rows[i]];
    return picked;
  };
  return bootstrapRows(sample.length, (rows) => statistic(values(rows)), options);
}
