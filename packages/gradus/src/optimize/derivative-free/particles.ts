import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";

/** A number for all coordinates, or one for each. */
export type Coordinates = number | ArrayLike<number>;

/** A box lower <= x <= upper; a number stands for all coordinates, infinities leave a side open. */
export interface Box {
  readonly lower: Coordinates;
  readonly upper: Coordinates;
}

/** Particles to be drawn from N(mean, deviation^2 I). */
export interface GaussianCloud {
  readonly count: number;
  readonly mean: Coordinates;
  readonly deviation: number;
}

/** Particles to be drawn uniformly from a finite box, which they may leave unless `bounds` keeps them in it. */
export interface UniformCloud extends Box {
  readonly count: number;
}

/**
 * Where particles start: drawn, or given as rows, the N of each run after those of the run before.
 */
export type StartingParticles = DenseMatrix | GaussianCloud | UniformCloud;

/** One number a coordinate. */
export function coordinates(name: string, given: Coordinates, dimension: number): Float64Array<ArrayBuffer> {
  if (typeof given === "number") return new Float64Array(dimension).fill(given);
  checkLength(name, given, dimension);
  return Float64Array.from(given);
}

/** The sides of a box. */
export interface Sides {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * @throws ArgumentError when a side is NaN, has not one number a coordinate, or lies above the other
 */
export function sidesOf(name: string, box: Box, dimension: number): Sides {
  if (typeof box !== "object" || box === null)
    throw new ArgumentError(`${name} must be an object { lower, upper }, got ${shown(box)}`);
  const lower = coordinates(`${name}.lower`, box.lower, dimension);
  const upper = coordinates(`${name}.upper`, box.upper, dimension);
  for (let j = 0; j < dimension; j++)
    if (!(lower[j] <= upper[j]))
      throw new ArgumentError(
        `${name}.lower must be at most ${name}.upper, got ${lower[j]} and ${upper[j]} at index ${j}`,
      );
  return { lower, upper };
}

/** Projects points onto the box, in place. */
export function projectOntoBox(points: Float64Array, { lower, upper }: Sides): void {
  const d = lower.length;
  for (let at = 0; at < points.length; at += d)
    for (let j = 0; j < d; j++) {
      const x = points[at + j];
      if (x < lower[j]) points[at + j] = lower[j];
      else if (x > upper[j]) points[at + j] = upper[j];
    }
}

/** How many particles a run has, and how to draw those of a run. */
export interface ParticlePlan {
  readonly count: number;
  /** Writes count x dimension numbers. */
  draw(stream: RandomStream, run: number, into: Float64Array): void;
}

/**
 * Reads where particles start.
 *
 * @throws ArgumentError when a count is not an integer >= 1, a box is empty or not finite, a deviation is negative, or the
 * rows of a matrix are not those of all runs
 * @throws DataError when a coordinate is not finite
 */
export function particlePlan(given: StartingParticles, dimension: number, runs: number): ParticlePlan {
  if (typeof given !== "object" || given === null)
    throw new ArgumentError(
      `particles must be a matrix, { count, mean, deviation } or { count, lower, upper }, got ${shown(given)}`,
    );
  if ("values" in given) {
    checkFiniteDense("particles", given);
    const { rows, columns, values } = given;
    if (columns !== dimension)
      throw new ArgumentError(`particles must have ${dimension} columns, got ${columns}`);
    if (rows % runs !== 0)
      throw new ArgumentError(`particles must have as many rows for each of ${runs} runs, got ${rows} rows`);
    const count = rows / runs;
    return {
      count,
      draw: (_, run, into) => into.set(values.subarray(run * into.length, (run + 1) * into.length)),
    };
  }
  const { count } = given;
  checkPositiveInteger({ "particles.count": count });
  if ("mean" in given) {
    checkOptions("particles", given, ["count", "mean", "deviation"]);
    const { deviation } = given;
    checkNonNegative({ "particles.deviation": deviation });
    const mean = coordinates("particles.mean", given.mean, dimension);
    checkFiniteVector("particles.mean", mean);
    return {
      count,
      draw(stream, _, into) {
        stream.fillNormalZiggurat(into);
        for (let k = 0; k < into.length; k++) into[k] = mean[k % dimension] + deviation * into[k];
      },
    };
  }
  checkOptions("particles", given, ["count", "lower", "upper"]);
  const { lower, upper } = sidesOf("particles", given, dimension);
  checkFiniteVector("particles.lower", lower);
  checkFiniteVector("particles.upper", upper);
  return {
    count,
    draw(stream, _, into) {
      stream.fillUniform(into);
      for (let k = 0; k < into.length; k++) {
        const j = k % dimension;
        into[k] = lower[j] + (upper[j] - lower[j]) * into[k];
      }
    },
  };
}
