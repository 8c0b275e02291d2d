import type { Vector } from "../vector.ts";

/** What a node knows when it mixes: which received model is its own, and how many of them may be faulty. */
export interface MixingSituation {
  /** Index of the node's own model among the received ones. */
  readonly own: number;
  /** How many of the received models may be faulty. */
  readonly faulty: number;
}

/** Inner products between all models of a round, and which of them one node received. */
export interface Received extends MixingSituation {
  /** Inner products of the models minus a common center, size x size. */
  readonly gram: Float64Array;
  readonly size: number;
  /** Squared norms of the models themselves. */
  readonly squaredNorms: Float64Array;
  /** Row in `gram` of each received model; a model sent by several nodes appears several times. */
  readonly models: Int32Array;
}

interface Rule {
  readonly name: string;
  /** The fewest received models, the node's own included, with which the rule works: a positive integer. */
  fewest(faulty: number): number;
  /** The mixed model, from received finite models. */
  mix(models: readonly Vector[], situation: MixingSituation): Vector;
}

/** A rule whose result is a combination of the received models with weights that depend only on their distances. */
export interface WeightedRule extends Rule {
  readonly kind: "weighted";
  /** Whether the result depends on which model is the node's own. */
  readonly ownMatters: boolean;
  /** Writes the weights with which `mix` combines the received models; they are >= 0 and sum to 1. */
  weights(received: Received, weights: Float64Array): void;
  /**
   * A faster way to sum the weights of many nodes that received all `count` honest models and `faulty` copies of one
   * Byzantine model, given the squared distances of the nodes from it; the last total is that of all copies together.
   */
  totalsBeside?(
    honest: { readonly gram: Float64Array; readonly count: number },
    faulty: number,
    nodes: readonly number[],
  ): (squaredDistances: Float64Array, totals: Float64Array) => void;
}

/** One node's part in the mixing of a round: which models it received, and where its mixed model goes. */
export interface Receiver extends MixingSituation {
  /** Indices of the received models among those of the round. */
  readonly models: Int32Array;
  readonly mixed: Vector;
}

/** A rule that treats each coordinate separately. */
export interface CoordinateRule extends Rule {
  readonly kind: "coordinate-wise";
  /** `mix` for all nodes of a round at once. */
  mixAll(models: readonly Vector[], receivers: readonly Receiver[]): void;
  /**
   * The squared distance of the rule's result from `mean` when `faulty` nodes send mean + z direction in addition to
   * the honest models, as a function of z.
   */
  displacement(
    honest: readonly Vector[],
    mean: Float64Array,
    direction: Float64Array,
    faulty: number,
  ): (z: number) => number;
}

/** How a node mixes the models that it received into one. */
export type MixingRule = WeightedRule | CoordinateRule;
