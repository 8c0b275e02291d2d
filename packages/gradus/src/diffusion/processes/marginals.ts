import { ArgumentError } from "../../check/errors.ts";
import { checkFunction } from "../../check/options.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";
import { checkProcess, checkTimes, type ForwardProcess, type Times, timeOf } from "./contract.ts";

/** The process at given times, and the standard normal numbers that made it. */
export interface DiffusedPoints {
  /** Y_t = scale(t) Y_0 + shift(t) + sqrt(variance(t)) Z, n x d. */
  readonly points: DenseMatrix;
  /** Z, n x d. */
  readonly noise: DenseMatrix;
}

/**
 * Draws the process at given times from its exact law given the clean points.
 *
 * @param clean Y_0, n x d, in the process's own space (logarithms for multiplicative noise)
 * @throws ArgumentError when a time is outside the window or there is not one for each point
 * @throws DataError when a number is not finite
 */
export function diffuse(
  process: ForwardProcess,
  clean: DenseMatrix,
  times: Times,
  stream: RandomStream,
): DiffusedPoints {
  checkProcess(process);
  checkFiniteDense("clean", clean);
  const { rows, columns } = clean;
  checkTimes("times", times, process, rows);
  checkFunction({ "stream.fillNormal": stream?.fillNormal });
  const noise = stream.fillNormal(new Float64Array(rows * columns));
  const points = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const t = timeOf(times, i);
    const [scale, shift, deviation] = [process.scale(t), process.shift(t), Math.sqrt(process.variance(t))];
    for (let k = i * columns; k < (i + 1) * columns; k++)
      points[k] = scale * clean.values[k] + shift + deviation * noise[k];
  }
  return { points: { rows, columns, values: points }, noise: { rows, columns, values: noise } };
}

/** n x d numbers made of two n x d matrices, with the time of each row. */
function combine(
  names: readonly [string, string],
  [a, b]: readonly [DenseMatrix, DenseMatrix],
  { process, times }: { readonly process: ForwardProcess; readonly times: Times },
  formula: (a: number, b: number, moments: { scale: number; shift: number; variance: number }) => number,
): DenseMatrix {
  checkDense(names[0], a);
  checkDense(names[1], b);
  const { rows, columns } = b;
  if (a.rows !== rows || a.columns !== columns)
    throw new ArgumentError(
      `${names[0]} must be ${rows} x ${columns} like ${names[1]}, got ${a.rows} x ${a.columns}`,
    );
  checkTimes("times", times, process, rows);
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const t = timeOf(times, i);
    const moments = { scale: process.scale(t), shift: process.shift(t), variance: process.variance(t) };
    for (let k = i * columns; k < (i + 1) * columns; k++)
      values[k] = formula(a.values[k], b.values[k], moments);
  }
  return { rows, columns, values };
}

/**
 * The score of an estimate of the clean points, s = (scale(t) f(t, y) + shift(t) - y) / variance(t), by Tweedie's formula.
 * Source: Efron 2011, "Tweedie's formula and selection bias".
 *
 * @param denoised f(t, y), n x d
 * @param points y, n x d
 * @throws ArgumentError when sizes differ or a time is outside the window
 */
export function scoreFromDenoised(
  process: ForwardProcess,
  denoised: DenseMatrix,
  times: Times,
  points: DenseMatrix,
): DenseMatrix {
  return combine(
    ["denoised", "points"],
    [denoised, points],
    { process, times },
    (f, y, { scale, shift, variance }) => (scale * f + shift - y) / variance,
  );
}

/**
 * The estimate of the clean points of a score, f = (y - shift(t) + variance(t) s(t, y)) / scale(t): the inverse of
 * `scoreFromDenoised`.
 *
 * @param score s(t, y), n x d
 * @param points y, n x d
 * @throws ArgumentError when sizes differ or a time is outside the window
 */
export function denoisedFromScore(
  process: ForwardProcess,
  score: DenseMatrix,
  times: Times,
  points: DenseMatrix,
): DenseMatrix {
  return combine(
    ["score", "points"],
    [score, points],
    { process, times },
    (s, y, { scale, shift, variance }) => (y - shift + variance * s) / scale,
  );
}
