import { checkLength } from "../check/arrays.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkNonNegative } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { MaybePromise, Objective } from "../objectives/objective.ts";
import { type RandomStream, randomStream } from "../random/stream.ts";
import type { Vector } from "./vector.ts";

/** What the honest nodes minimize together: the mean of their own losses, each known to its node alone. */
export interface CollaborativeProblem {
  /** Number of honest nodes. */
  readonly nodes: number;
  /** The model from which all of them start. */
  readonly start: Vector;
  /**
   * A stochastic gradient of every node's loss at its model; it depends only on the models and the step.
   *
   * @param models nodes x d, row-major
   * @returns nodes x d, row-major
   */
  gradients(models: Vector, step: number): MaybePromise<Vector>;
  /** `gradients` for one node, as a separate peer computes it. */
  gradient(node: number, model: Vector, step: number): MaybePromise<Vector>;
  /** `gradients` on flipped labels, for label-flip attacks. */
  poisonedGradients?(models: Vector, step: number): MaybePromise<Vector>;
  /** Samples in one node's gradient at a step. */
  samples(step: number): number;
}

export interface LocalObjectivesOptions {
  /** Standard deviation of normal noise added to each coordinate of each gradient; defaults to 0. */
  readonly noise?: number;
  /** Seeds the noise. */
  readonly seed?: number;
}

/** Noise of all nodes at a step, one after another. */
function noiseAt(root: RandomStream, step: number, length: number): Float64Array<ArrayBuffer> {
  return root.split(step).fillNormal(new Float64Array(length));
}

/**
 * The problem of nodes with one objective each:  Q = (1/h) sum_i Q_i,  stochastic gradients grad Q_i + noise N(0, I).
 *
 * @param objectives Q_1 .. Q_h, all of dimension d
 * @param start d numbers
 * @throws ArgumentError when there are no objectives, dimensions differ, noise is not finite and >= 0, or an option is
 *   unknown; when gradients are computed, if an objective returns one of another length
 */
export function localObjectives(
  objectives: readonly Objective[],
  start: Float64Array,
  { noise = 0, seed = 0, ...unknown }: LocalObjectivesOptions = {},
): CollaborativeProblem {
  const nodes = objectives.length;
  const d = start.length;
  if (nodes === 0) throw new ArgumentError("objectives must have at least one entry, got none");
  objectives.forEach(({ dimension }, i) => {
    if (dimension !== d)
      throw new ArgumentError(`objectives[${i}] must have the start's dimension ${d}, got ${dimension}`);
  });
  checkOptions("localObjectives", { noise, seed, ...unknown }, ["noise", "seed"]);
  checkNonNegative({ noise });
  const root = randomStream(seed).split("gradient noise");
  const checked = (gradient: Float64Array, node: number): Float64Array => {
    checkLength(`the gradient of objectives[${node}]`, gradient, d);
    return gradient;
  };
  /** Adds the noise of the nodes from `first` on. */
  const disturbed = (gradients: Float64Array, step: number, first: number): Float64Array => {
    if (noise === 0) return gradients;
    const draws = noiseAt(root, step, nodes * d);
    return gradients.map((value, k) => value + noise * draws[first * d + k]);
  };
  return {
    nodes,
    start,
    samples: () => 1,
    gradients(models, step) {
      const all = new Float64Array(nodes * d);
      const pending: Promise<void>[] = [];
      objectives.forEach((objective, i) => {
        const gradient = objective.gradient(new Float64Array(models.subarray(i * d, (i + 1) * d)));
        if (gradient instanceof Promise)
          pending.push(gradient.then((values) => all.set(checked(values, i), i * d)));
        else all.set(checked(gradient, i), i * d);
      });
      if (pending.length === 0) return disturbed(all, step, 0);
      return Promise.all(pending).then(() => disturbed(all, step, 0));
    },
    async gradient(node, model, step) {
      const gradient = await objectives[node].gradient(new Float64Array(model));
      return disturbed(checked(gradient, node), step, node);
    },
  };
}
