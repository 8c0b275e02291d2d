import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkFiniteModels, squaredDistance, type Vector, zerosAs } from "../vector.ts";
import { distancesFromCombination } from "./geometric-median.ts";
import type { WeightedRule } from "./rule.ts";

export interface CenteredClippingOptions {
  /** Where the iteration starts. */
  readonly center: Vector;
  /** Clipping radius: a model farther than this from the center pulls it as if it were at this distance. */
  readonly radius: number;
  readonly iterations?: number;
}

function check(radius: number, iterations: number): void {
  checkPositive({ radius });
  checkPositiveInteger({ iterations });
}

/** The fraction of the way to a model at the given squared distance that the center moves. */
const clip = (squared: number, radius: number) =>
  squared <= radius * radius ? 1 : radius / Math.sqrt(squared);

/**
 * Centered clipping:  v <- v + mean_j (x_j - v) min(1, radius/|x_j - v|),  from v = center.
 *
 * A model so far away that |x_j - v|^2 overflows, from 1e154 on, does not pull.
 * Source: Karimireddy, He & Jaggi 2021, "Learning from history for Byzantine robust optimization"; self-centered:
 * He, Karimireddy & Jaggi 2022.
 *
 * @param models vectors x_j of d numbers each
 * @returns d numbers, in the precision of the center
 * @throws ArgumentError unless radius is finite and > 0 and iterations an integer >= 1
 * @throws DataError when lengths differ, or the center or a model is not finite
 */
export function centeredClipping(models: readonly Vector[], options: CenteredClippingOptions): Vector {
  checkGivenOptions("centeredClipping", options, ["center", "radius", "iterations"]);
  const { center, radius, iterations = 3 } = options;
  checkFiniteModels(models);
  check(radius, iterations);
  checkLength("center", center, models[0].length);
  checkFiniteVector("center", center);
  const v = zerosAs(center);
  v.set(center);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const move = new Float64Array(v.length);
    for (const model of models) {
      const share = clip(squaredDistance(v, model), radius) / models.length;
      for (let k = 0; k < move.length; k++) move[k] += share * (model[k] - v[k]);
    }
    for (let k = 0; k < move.length; k++) v[k] += move[k];
  }
  return v;
}

/**
 * Self-centered clipping as a mixing rule: centered clipping of the received models from the node's own.
 *
 * @throws ArgumentError unless radius is finite and > 0 and iterations an integer >= 1
 */
export function selfCenteredClipping(options: Omit<CenteredClippingOptions, "center">): WeightedRule {
  checkGivenOptions("selfCenteredClipping", options, ["radius", "iterations"]);
  const { radius, iterations = 3 } = options;
  check(radius, iterations);
  let distances = new Float64Array();
  return {
    kind: "weighted",
    name: "self-centered clipping",
    ownMatters: true,
    fewest: () => 1,
    mix: (models, { own }) => centeredClipping(models, { center: models[own], radius, iterations }),
    weights(received, weights) {
      const count = received.models.length;
      if (distances.length !== count) distances = new Float64Array(count);
      weights.fill(0);
      weights[received.own] = 1;
      for (let iteration = 0; iteration < iterations; iteration++) {
        distancesFromCombination(received, weights, distances);
        let gone = 0;
        for (let a = 0; a < count; a++) {
          distances[a] = clip(distances[a], radius) / count;
          gone += distances[a];
        }
        for (let a = 0; a < count; a++) weights[a] = weights[a] * (1 - gone) + distances[a];
      }
    },
  };
}
