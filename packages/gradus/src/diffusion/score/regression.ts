import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkFinite, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { checkProcess, checkTimes, type ForwardProcess, type Times, timeOf } from "../processes/contract.ts";
import { diffuse } from "../processes/marginals.ts";

/**
 * The weight lambda(t) of  lambda(t) |s - score|^2,  by name or as a function: "clean" weighs errors of the clean point
 * (h^2 / alpha^2), "noise" errors of the noise (h), "score" those of the score itself (1).
 */
export type ScoreWeighting = "clean" | "noise" | "score" | ((t: number) => number);

export interface ScoreRegressionOptions {
  /** Times and noises drawn for each clean point; labels then repeat. */
  readonly drawsPerSample?: number;
  readonly weighting?: ScoreWeighting;
  /** Points with a coordinate beyond it are left out, and estimated by 0. */
  readonly truncationRadius?: number;
  /** c of the inputs z = (c x, t - startTime, 1). */
  readonly pointScale?: number;
  /** Whether inputs end with 1, without which a ReLU network is positively homogeneous. */
  readonly bias?: boolean;
  readonly seed: number;
}

/** Denoising score matching as a regression of the clean point on the noisy one. */
export interface ScoreRegression {
  readonly process: ForwardProcess;
  /** t_j, n numbers. */
  readonly times: Float64Array;
  /** X_t, n x d. */
  readonly points: DenseMatrix;
  /** The labels X_0, n x d. */
  readonly clean: DenseMatrix;
  /** z, n x D. */
  readonly inputs: DenseMatrix;
  /** The weight lambda alpha^2 / h^2 of each squared error, n numbers. */
  readonly weights: Float64Array;
  readonly truncationRadius: number;
  /** z of further points. */
  features(times: Times, points: DenseMatrix): DenseMatrix;
}

function featuresOf(
  process: ForwardProcess,
  dimension: number,
  { pointScale, bias }: { readonly pointScale: number; readonly bias: boolean },
): (times: Times, points: DenseMatrix) => DenseMatrix {
  const columns = dimension + (bias ? 2 : 1);
  return (times, points) => {
    checkFiniteDense("points", points);
    if (points.columns !== dimension)
      throw new ArgumentError(`points must have d = ${dimension} columns, got ${points.columns}`);
    checkTimes("times", times, process, points.rows);
    const values = new Float64Array(points.rows * columns);
    for (let i = 0; i < points.rows; i++) {
      for (let j = 0; j < dimension; j++)
        values[i * columns + j] = pointScale * points.values[i * dimension + j];
      values[i * columns + dimension] = timeOf(times, i) - process.startTime;
      if (bias) values[i * columns + dimension + 1] = 1;
    }
    return { rows: points.rows, columns, values };
  };
}

/** lambda alpha^2 / h^2: with it a weighted error of the score is one of the clean point. */
function regressionWeight(process: ForwardProcess, weighting: ScoreWeighting, t: number): number {
  if (weighting === "clean") return 1;
  const [alpha, h] = [process.scale(t), process.variance(t)];
  const lambda = typeof weighting === "function" ? weighting(t) : weighting === "noise" ? h : 1;
  const weight = (lambda * alpha * alpha) / (h * h);
  if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`weighting must give numbers >= 0, got ${lambda} at time ${t}`);
  return weight;
}

/** The rows of a matrix that are kept. */
function rowsAt({ columns, values }: DenseMatrix, kept: readonly number[]): DenseMatrix {
  const rows = new Float64Array(kept.length * columns);
  kept.forEach((i, k) => {
    rows.set(values.subarray(i * columns, (i + 1) * columns), k * columns);
  });
  return { rows: kept.length, columns, values: rows };
}

/** Whether a point has a coordinate beyond the radius. */
export const isTruncated = ({ columns, values }: DenseMatrix, i: number, radius: number): boolean => {
  for (let k = i * columns; k < (i + 1) * columns; k++) if (Math.abs(values[k]) > radius) return true;
  return false;
};

/**
 * Draws the regression problem of denoising score matching: with the network's output f as the clean point,
 * s = (alpha f - x) / h,
 *
 *     lambda(t) |s(t, X_t) - score(X_t | X_0)|^2 = lambda alpha^2 / h^2 |f(t, X_t) - X_0|^2,
 *
 * for times uniform on the process's window and one draw of noise for each. The label X_0 is noisy: it is the posterior
 * mean plus an error of mean 0.
 *
 * The points are diffused as they are: the noise has the process's own unit, and inputs are not standardized, so that data in
 * another unit are another problem. Divide them by their standard deviation first; an estimated score s of x / c is
 * s(x / c) / c for x.
 * Source: Han, Razaviyayn & Xu 2024, "Neural network-based score estimation in diffusion models".
 *
 * @param clean X_0, n x d
 * @throws ArgumentError when an option is out of range, no point is within the truncation radius, or there is no point
 * @throws DataError naming the row of a number that is not finite
 */
export function scoreRegression(
  process: ForwardProcess,
  clean: DenseMatrix,
  options: ScoreRegressionOptions,
): ScoreRegression {
  checkGivenOptions("scoreRegression", options, [
    "drawsPerSample",
    "weighting",
    "truncationRadius",
    "pointScale",
    "bias",
    "seed",
  ]);
  const { drawsPerSample = 1, weighting = "clean", pointScale = 1, bias = true, seed } = options;
  const { truncationRadius = Number.POSITIVE_INFINITY } = options;
  checkProcess(process);
  checkFiniteDense("clean", clean);
  checkPositiveInteger({ drawsPerSample });
  checkFinite({ pointScale });
  checkPositive({ pointScale });
  checkBoolean({ bias });
  if (truncationRadius !== Number.POSITIVE_INFINITY) checkPositive({ truncationRadius });
  if (typeof weighting !== "function") checkOneOf(["clean", "noise", "score"], { weighting });
  const n = clean.rows * drawsPerSample;
  const repeated = rowsAt(
    clean,
    Array.from({ length: n }, (_, i) => Math.floor(i / drawsPerSample)),
  );
  const stream = randomStream(seed);
  const { startTime, endTime } = process;
  const times = stream
    .split("times")
    .fillUniform(new Float64Array(n))
    .map((u) => startTime + (endTime - startTime) * u);
  const { points } = diffuse(process, repeated, times, stream.split("noise"));
  const kept = Array.from({ length: n }, (_, i) => i).filter(
    (i) => !isTruncated(points, i, truncationRadius),
  );
  if (kept.length === 0)
    throw new DataError(
      `no point is within truncationRadius = ${truncationRadius}: ${n} of ${n} were left out`,
    );
  const keptTimes = Float64Array.from(kept, (i) => times[i]);
  const keptPoints = rowsAt(points, kept);
  const features = featuresOf(process, clean.columns, { pointScale, bias });
  return {
    process,
    times: keptTimes,
    points: keptPoints,
    clean: rowsAt(repeated, kept),
    inputs: features(keptTimes, keptPoints),
    weights: keptTimes.map((t) => regressionWeight(process, weighting, t)),
    truncationRadius,
    features,
  };
}

/** @throws ArgumentError when the argument is no regression */
export function checkRegression(name: string, data: ScoreRegression): void {
  const arrays = [data?.points?.values, data?.clean?.values, data?.inputs?.values, data?.weights];
  if (!arrays.every(ArrayBuffer.isView) || typeof data.features !== "function")
    throw new ArgumentError(`${name} must be what scoreRegression returns, got ${shown(data)}`);
}

/** A weighted mean of squared errors over the rows, summed over coordinates: the loss of estimates of the clean points. */
export function regressionLoss({ clean, weights }: ScoreRegression, f: ArrayLike<number>): number {
  const { rows, columns, values } = clean;
  if (f.length !== values.length)
    throw new ArgumentError(`f must have ${rows} x ${columns} numbers, got ${f.length}`);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) square += (f[k] - values[k]) ** 2;
    sum += weights[i] * square;
  }
  return sum / rows;
}
