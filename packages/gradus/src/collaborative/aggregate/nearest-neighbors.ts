import { checkFiniteVector } from "../../check/arrays.ts";
import { DataError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkModels, isFiniteVector, squaredDistance, type Vector, zerosAs } from "../vector.ts";
import type { Received, WeightedRule } from "./rule.ts";

export interface NearestNeighborOptions {
  /** The model from which distances are measured; usually the node's own, which is then among the models. */
  readonly pivot: Vector;
  /** How many of the nearest models are averaged. */
  readonly keep: number;
}

/**
 * Marks the `drop` farthest with 0 and the others with 1; among ties the later ones are dropped, as a stable sort by
 * distance would.
 */
function markNearest(distances: Float64Array, drop: number, marks: Float64Array): void {
  const count = distances.length;
  for (let j = 0; j < count; j++) marks[j] = 1;
  for (let dropped = 0; dropped < drop; dropped++) {
    let farthest = -1;
    for (let j = 0; j < count; j++)
      if (marks[j] === 1 && (farthest < 0 || distances[j] >= distances[farthest])) farthest = j;
    marks[farthest] = 0;
  }
}

/**
 * Nearest-neighbor averaging: the mean of the `keep` models nearest to the pivot in Euclidean distance; ties go to
 * the earlier model. Models that are not finite are never averaged.
 * Source: Farhadkhani et al. 2023, "Robust collaborative learning with linear gradient overhead" (NNA).
 *
 * @param models vectors of d numbers each
 * @returns d numbers, in the precision of the pivot
 * @throws ArgumentError unless 1 <= keep <= number of models
 * @throws DataError when lengths differ, the pivot is not finite, or fewer than `keep` models are finite
 */
export function nearestNeighborAverage(models: readonly Vector[], options: NearestNeighborOptions): Vector {
  checkGivenOptions("nearestNeighborAverage", options, ["pivot", "keep"]);
  const { pivot, keep } = options;
  checkModels(models);
  checkIntegerWithin(1, models.length, { keep });
  if (pivot.length !== models[0].length)
    throw new DataError(`pivot must have ${models[0].length} numbers like the models, got ${pivot.length}`);
  if (!isFiniteVector(pivot)) checkFiniteVector("pivot", pivot);
  const finite = models.filter(isFiniteVector);
  if (finite.length < keep)
    throw new DataError(`keep = ${keep} models are needed, but only ${finite.length} are finite`);
  const distances = Float64Array.from(finite, (model) => squaredDistance(pivot, model));
  const marks = new Float64Array(finite.length);
  markNearest(distances, finite.length - keep, marks);
  const sums = new Float64Array(pivot.length);
  finite.forEach((model, j) => {
    if (marks[j] === 1) for (let k = 0; k < sums.length; k++) sums[k] += model[k];
  });
  const average = zerosAs(pivot);
  for (let k = 0; k < sums.length; k++) average[k] = sums[k] / keep;
  return average;
}

/** Writes the squared distance of each received model from the node's own model; Infinity where squares overflow. */
function distancesFromOwn({ gram, size, models, own }: Received, distances: Float64Array): void {
  const i = models[own];
  const square = gram[i * size + i];
  for (let a = 0; a < models.length; a++) {
    const j = models[a];
    const distance = j === i ? 0 : square - 2 * gram[i * size + j] + gram[j * size + j];
    distances[a] = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }
}

/** See `WeightedRule`: of all honest models, only the `faulty` farthest from a node can be dropped. */
function totalsBeside(
  { gram, count }: { readonly gram: Float64Array; readonly count: number },
  faulty: number,
  nodes: readonly number[],
): (squaredDistances: Float64Array, totals: Float64Array) => void {
  const farthest = new Int32Array(nodes.length * faulty);
  const squares = new Float64Array(nodes.length * faulty);
  const distances = new Float64Array(count);
  nodes.forEach((i, at) => {
    for (let j = 0; j < count; j++)
      distances[j] = j === i ? 0 : gram[i * count + i] - 2 * gram[i * count + j] + gram[j * count + j];
    for (let place = at * faulty; place < (at + 1) * faulty; place++) {
      let most = 0;
      for (let j = 1; j < count; j++) if (distances[j] >= distances[most]) most = j;
      farthest[place] = most;
      squares[place] = distances[most];
      distances[most] = -1;
    }
  });
  return (squaredDistances, totals) => {
    totals.fill(nodes.length / count);
    totals[count] = 0;
    for (let at = 0; at < nodes.length; at++) {
      let place = at * faulty;
      // Among ties the copies come last, so they are dropped first.
      for (; place < (at + 1) * faulty && squares[place] > squaredDistances[at]; place++) {
        totals[farthest[place]] -= 1 / count;
        totals[count] += 1 / count;
      }
    }
  };
}

/**
 * Nearest-neighbor averaging as a mixing rule: averages all received models except the f farthest from the node's
 * own, which keeps n - 2f of n - f.
 * Source: Farhadkhani et al. 2023, "Robust collaborative learning with linear gradient overhead" (MoNNA).
 */
export function nearestNeighbors(): WeightedRule {
  let distances = new Float64Array();
  return {
    kind: "weighted",
    name: "nearest neighbors",
    ownMatters: true,
    fewest: (faulty) => faulty + 1,
    mix: (models, { own, faulty }) =>
      nearestNeighborAverage(models, { pivot: models[own], keep: models.length - faulty }),
    weights(received, weights) {
      const count = received.models.length;
      if (distances.length !== count) distances = new Float64Array(count);
      distancesFromOwn(received, distances);
      markNearest(distances, received.faulty, weights);
      for (let a = 0; a < count; a++) weights[a] /= count - received.faulty;
    },
    totalsBeside,
  };
}
