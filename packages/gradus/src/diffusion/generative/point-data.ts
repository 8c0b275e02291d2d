import { firstBeyondSingle, firstNonFinite } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkFinite, checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import { type PointScaling, scaledNumber } from "./point-scaling.ts";

/** An array of numbers with its shape, such as a reader of IDX or .npy files returns: the first size counts points. */
export interface PointArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: ArrayLike<number>;
}

/** Points to learn a law from: the rows of a matrix, or the entries of an array along its first axis. */
export type PointData = DenseMatrix | PointArray;

/** Points in the space of a process. */
export interface CleanPoints {
  readonly count: number;
  /** Sizes of one point. */
  readonly shape: readonly number[];
  /** [count, ...shape]: the points, or their logarithms. */
  readonly values: Float32Array;
}

function sizesOf(data: PointData, argument: string): readonly number[] {
  if (typeof data === "object" && data !== null && "values" in data) {
    if ("shape" in data && Array.isArray(data.shape)) return data.shape;
    if ("rows" in data) return [data.rows, data.columns];
  }
  throw new ArgumentError(
    `${argument} must be a matrix { rows, columns, values } or an array { shape, values }, got ${shown(data)}`,
  );
}

/** What points are called in errors, and how many there must be. */
export interface PointRequirements {
  readonly argument: string;
  readonly least: number;
}

/** Points to learn from: of fewer than two there is no law. */
const LEARNED: PointRequirements = { argument: "data", least: 2 };

/**
 * The sizes of data that a process can move.
 *
 * @throws what `cleanPoints` throws
 */
export function checkedPoints(
  { space, name }: ForwardProcess,
  data: PointData,
  { argument, least } = LEARNED,
) {
  const [count, ...shape] = sizesOf(data, argument);
  const size = shape.reduce((product, one) => product * one, 1);
  const { values } = data;
  const isSize = (one: unknown) => Number.isSafeInteger(one) && Number(one) >= 0;
  if (![count, ...shape].every(isSize) || shape.length === 0 || size === 0 || values.length !== count * size)
    throw new ArgumentError(
      `${argument} must have points along the first axis and their numbers along others, got the shape [${[count, ...shape].join(", ")}] of ${values.length} numbers`,
    );
  if (count < least)
    throw new DataError(
      `${argument} must have at least ${least === 1 ? "one point" : "two points"}, got ${count}`,
    );
  const place = (k: number) => `in point ${Math.floor(k / size)}, number ${k % size}`;
  const bad = firstNonFinite(values);
  if (bad >= 0) throw new DataError(`${argument} must be finite, got ${shown(values[bad])} ${place(bad)}`);
  const beyond = firstBeyondSingle(values);
  if (beyond >= 0)
    throw new DataError(
      `${argument} must be within ±3.4e38, the range of float32, got ${values[beyond]} ${place(beyond)}; scale them`,
    );
  if (space === "log")
    for (let k = 0; k < values.length; k++)
      if (!(values[k] > 0))
        throw new DataError(
          `${argument} of a ${name} process must be positive, got ${values[k]} ${place(k)}; shift them (pixels by 1, as imagePoints does)`,
        );
  return { count, shape, size };
}

/**
 * Points as a process sees them.
 *
 * @param scaling the units that the process moves; those of the data, or of their logarithms, when left out
 * @throws ArgumentError when the data are neither a matrix nor an array with two dimensions or more
 * @throws DataError when there are fewer than two points, a number is not finite in float32, or the process is multiplicative and a
 *   number is not positive
 */
export function cleanPoints(process: ForwardProcess, data: PointData, scaling?: PointScaling): CleanPoints {
  return pointsOf(process, data, scaling);
}

/**
 * Points as a process sees them, of an argument of any name and with as many as it needs.
 *
 * @throws what `cleanPoints` throws
 */
export function pointsOf(
  process: ForwardProcess,
  data: PointData,
  scaling?: PointScaling,
  requirements = LEARNED,
): CleanPoints {
  const { count, shape } = checkedPoints(process, data, requirements);
  const { values } = data;
  const points = new Float32Array(values.length);
  for (let k = 0; k < points.length; k++) {
    const y = process.space === "log" ? Math.log(values[k]) : values[k];
    points[k] = scaling ? scaledNumber(y, k, scaling) : y;
  }
  return { count, shape, values: points };
}

/** Mean and variance of each coordinate over the points, in the space of the process. */
export interface CoordinateMoments {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** The moments of each coordinate of clean points: two passes, and the variance divides by the number of points. */
export function coordinateMoments({ count, values }: CleanPoints): CoordinateMoments {
  const size = values.length / count;
  const sums = new Float64Array(size);
  for (let k = 0; k < values.length; k++) sums[k % size] += values[k] / count;
  const squares = new Float64Array(size);
  for (let k = 0; k < values.length; k++) squares[k % size] += (values[k] - sums[k % size]) ** 2 / count;
  return { mean: Float32Array.from(sums), variance: Float32Array.from(squares) };
}

export interface ImagePointsOptions {
  /** The level of white: 255 of bytes, 16 of the bundled digits, 1 of pixels that are scaled. */
  readonly white?: number;
  /** What is added to each pixel between 0 and 1, so that none is 0; 1 by default, 0 for a process that is additive. */
  readonly offset?: number;
}

/**
 * Images as points: pixel / white + offset, [count, channels, height, width]. Images without channels get one.
 *
 * @param images [count, height, width] or [count, channels, height, width]
 * @throws ArgumentError for another number of dimensions, unless white > 0 and offset is finite, or for an unknown option
 */
export function imagePoints(images: PointArray, options: ImagePointsOptions = {}): PointArray {
  checkOptions("imagePoints", options, ["white", "offset"]);
  const { white = 255, offset = 1 } = options;
  checkPositive({ white });
  checkFinite({ offset });
  const { shape, values } = images;
  if (shape.length !== 3 && shape.length !== 4)
    throw new ArgumentError(
      `images must be [count, height, width] or [count, channels, height, width], got [${shape.join(", ")}]`,
    );
  const [count, ...sizes] = shape;
  return {
    shape: sizes.length === 2 ? [count, 1, ...sizes] : shape,
    values: Float64Array.from(values, (value) => value / white + offset),
  };
}
