import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { checkFiniteModels, squaredDistance, type Vector, zerosAs } from "../vector.ts";
import type { Received, WeightedRule } from "./rule.ts";

export interface GeometricMedianOptions {
  readonly iterations?: number;
  /**
   * Floor for distances, in the units of the models: one at the median has weight at most 1/smoothing. 0.1 by default, as in
   * the authors' code, with which models closer together than that are averaged as by `plainMean`.
   */
  readonly smoothing?: number;
  /** The floor as a share of the median distance, in place of `smoothing`: the result then scales with the models. */
  readonly relativeSmoothing?: number;
  /** Where the iteration starts; defaults to the origin, as in the authors' code. */
  readonly start?: Vector;
}

type Smoothing = Pick<GeometricMedianOptions, "smoothing" | "relativeSmoothing">;

/** A share of the middle one of distances; of rounding where that is 0: most models are at one point, the median. */
function shareOfMiddle(relative: number, distances: Float64Array): number {
  const ascending = distances.toSorted();
  const middle = ascending[ascending.length >> 1];
  return middle > 0 ? relative * middle : Number.EPSILON * ascending[ascending.length - 1] || 1;
}

/** Checks the options; the floor for distances. */
function floorOf(iterations: number, smoothing: Smoothing): (distances: Float64Array) => number {
  const { smoothing: absolute = 0.1, relativeSmoothing: relative } = smoothing;
  checkPositiveInteger({ iterations });
  checkPositive({ smoothing: absolute });
  if (relative === undefined) return () => absolute;
  checkPositive({ relativeSmoothing: relative });
  if (smoothing.smoothing !== undefined)
    throw new ArgumentError("smoothing and relativeSmoothing cannot be combined; give one of them");
  return (distances) => shareOfMiddle(relative, distances);
}

/**
 * Geometric median by smoothed Weiszfeld iterations:  z <- sum w_j v_j / sum w_j,  w_j = 1/max(|z - v_j|, smoothing).
 * Source: Weiszfeld 1937; Pillutla, Kakade & Harchaoui 2022, "Robust aggregation for federated learning".
 *
 * @param models vectors v_j of d numbers each
 * @returns d numbers, in the precision of the first model
 * @throws ArgumentError unless iterations is an integer >= 1 and one smoothing is finite and > 0
 * @throws DataError when lengths differ or a model is not finite
 */
export function geometricMedian(models: readonly Vector[], options: GeometricMedianOptions = {}): Vector {
  checkOptions("geometricMedian", options, ["iterations", "smoothing", "relativeSmoothing", "start"]);
  const { iterations = 3, start, ...smoothing } = options;
  checkFiniteModels(models);
  const floor = floorOf(iterations, smoothing);
  const z = zerosAs(models[0]);
  if (start) {
    checkLength("start", start, z.length);
    z.set(start);
  }
  for (let iteration = 0; iteration < iterations; iteration++) {
    const sums = new Float64Array(z.length);
    const distances = Float64Array.from(models, (model) => Math.sqrt(squaredDistance(z, model)));
    const least = floor(distances);
    let total = 0;
    for (const [j, model] of models.entries()) {
      const weight = 1 / Math.max(distances[j], least);
      total += weight;
      for (let k = 0; k < sums.length; k++) sums[k] += weight * model[k];
    }
    for (let k = 0; k < sums.length; k++) z[k] = sums[k] / total;
  }
  return z;
}

/**
 * Squared distances of the received models from their combination with the given weights; Infinity for models whose squares
 * overflow, which must have the weight 0.
 */
export function distancesFromCombination(
  { gram, size, models }: Received,
  weights: Float64Array,
  distances: Float64Array,
): void {
  const count = models.length;
  let square = 0;
  for (let a = 0; a < count; a++) {
    const row = models[a] * size;
    let product = 0;
    // a weight of 0 is left out: its product with a square that overflows is not a number
    for (let b = 0; b < count; b++) if (weights[b] !== 0) product += gram[row + models[b]] * weights[b];
    if (weights[a] !== 0) square += weights[a] * product;
    distances[a] = gram[row + models[a]] - 2 * product;
  }
  for (let a = 0; a < count; a++) {
    const distance = distances[a] + square;
    distances[a] = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(0, distance);
  }
}

/**
 * The geometric median of the received models as a mixing rule, from the origin.
 *
 * @throws ArgumentError unless iterations is an integer >= 1 and one smoothing is finite and > 0
 */
export function geometricMedianMixing(options: Omit<GeometricMedianOptions, "start"> = {}): WeightedRule {
  checkOptions("geometricMedianMixing", options, ["iterations", "smoothing", "relativeSmoothing"]);
  const { iterations = 3, ...smoothing } = options;
  const floor = floorOf(iterations, smoothing);
  let distances = new Float64Array();
  return {
    kind: "weighted",
    name: "geometric median",
    ownMatters: false,
    fewest: () => 1,
    mix: (models) => geometricMedian(models, { iterations, ...smoothing }),
    weights(received, weights) {
      const { models, squaredNorms } = received;
      const count = models.length;
      if (distances.length !== count) distances = new Float64Array(count);
      for (let a = 0; a < count; a++) distances[a] = squaredNorms[models[a]];
      for (let iteration = 0; iteration < iterations; iteration++) {
        if (iteration > 0) distancesFromCombination(received, weights, distances);
        for (let a = 0; a < count; a++) distances[a] = Math.sqrt(distances[a]);
        const least = floor(distances);
        let total = 0;
        for (let a = 0; a < count; a++) {
          weights[a] = 1 / Math.max(distances[a], least);
          total += weights[a];
        }
        for (let a = 0; a < count; a++) weights[a] /= total;
      }
    },
  };
}
