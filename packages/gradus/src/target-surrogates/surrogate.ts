import { ArgumentError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkGivenOptions } from "../check/options.ts";
import type { Objective, ValueAndGradient } from "../objectives/objective.ts";
import { noCalls, type TargetBatch, type TargetCounts, type TargetMap } from "./contract.ts";
import { mirrorModel, type ProximalModel, probabilities, quadraticModel } from "./proximal.ts";

/** The proximal term: squared distance, squared distance weighted by AdaGrad or by curvature, or KL divergence. */
export type Proximal = "euclidean" | "diagonal" | "newton" | "kl";
/** The rows that the proximal term covers: the batch's, or all. */
export type ProximalDomain = "batch" | "full";

/** A surrogate S_t of a batch's loss, which an inner solver minimizes. */
export interface TargetSurrogate {
  readonly map: TargetMap;
  /** theta_t, where the surrogate equals the loss. */
  readonly theta: Float64Array;
  /** S_t up to a constant, as a function of the parameters: it calls the model, never the loss. */
  readonly objective: Objective;
  /** S_t = value of `objective` + shift. */
  readonly shift: number;
  /** Factor of the proximal model, which is summed over rows: 1 / (rows of the batch). */
  readonly scale: number;
  readonly model: ProximalModel;
  /** Gradient of S_t in the targets at theta_t, without the scale: the loss's g, zero on rows outside the batch. */
  readonly targetGradient: Float64Array;
  readonly eta: number;
  readonly counts: TargetCounts;
}

/** The result of an oracle call at theta_t. */
export interface Anchor {
  readonly batch: TargetBatch;
  /** The model on the rows that the proximal term covers. */
  readonly map: TargetMap;
  readonly theta: Float64Array;
  /** Targets of `map` (logits with the mirror form). */
  readonly targets: Float64Array;
  /** The argument of the loss: the batch's targets, or probabilities. */
  readonly lossTargets: Float64Array;
  /** Mean loss of the batch. */
  readonly value: number;
  /** g of the batch's rows. */
  readonly gradient: Float64Array;
}

function batchRows(all: Float64Array, { rowNumbers }: TargetBatch, outputs: number): Float64Array {
  if (rowNumbers === undefined) return all;
  const batch = new Float64Array(rowNumbers.length * outputs);
  for (let i = 0; i < rowNumbers.length; i++)
    for (let k = 0; k < outputs; k++) batch[i * outputs + k] = all[rowNumbers[i] * outputs + k];
  return batch;
}

/** Scatters the numbers of the batch's rows among all rows; other rows get `elsewhere`. */
function spread(
  values: Float64Array,
  { map, batch: { rowNumbers } }: Pick<Anchor, "map" | "batch">,
  elsewhere = 0,
): Float64Array {
  const length = map.rows * map.outputs;
  if (rowNumbers === undefined || values.length === length) return values;
  const all = new Float64Array(length).fill(elsewhere);
  for (let i = 0; i < rowNumbers.length; i++)
    for (let k = 0; k < map.outputs; k++) all[rowNumbers[i] * map.outputs + k] = values[i * map.outputs + k];
  return all;
}

/**
 * The one expensive call: targets at theta, and the loss's value and gradient there.
 *
 * @throws ArgumentError when domain is "full" and the problem has no fixed set of rows, or the gradient has another
 *   shape
 */
export async function anchorAt(
  batch: TargetBatch,
  theta: Float64Array,
  { domain, proximal, counts }: { domain: ProximalDomain; proximal: Proximal; counts: TargetCounts },
): Promise<Anchor> {
  const map = domain === "full" ? batch.whole : batch.map;
  if (map === undefined)
    throw new ArgumentError('domain "full" needs a problem with all rows, such as one from targetProblem');
  counts.forward += 1;
  const targets = await map.targets(theta);
  const own = domain === "full" ? batchRows(targets, batch, map.outputs) : targets;
  const lossTargets = proximal === "kl" ? probabilities(own, map.outputs) : own;
  counts.oracleCalls += 1;
  const { value, gradient } = await batch.loss.valueAndGradient(lossTargets);
  if (gradient.length !== lossTargets.length)
    throw new ArgumentError(
      `the loss's gradient must have the shape of the targets, [${batch.map.rows}, ${map.outputs}], got ${gradient.length} numbers`,
    );
  return { batch, map, theta, targets, lossTargets, value, gradient };
}

/**
 * The surrogate of a batch's loss around theta_t (Lavington et al. 2023):
 *
 *     S_t(theta) = (1/|R|) [ sum_(i in R) l_i(z_i) + <g_i, f_i(theta) - z_i>  +  sum_i |f_i(theta) - z_i|^2 / (2 eta)
 *     ],
 *
 * where z = f(theta_t) and g_i is the gradient of l_i there; the last sum is over the batch R or, with domain "full",
 * over all rows, which makes its exact minimizer a step of projected stochastic gradient descent in target space.
 *
 * @param curvature weights of the proximal term, one per target of the batch, instead of 1: w = curvature / eta
 */
export function surrogateAt(
  anchor: Anchor,
  {
    eta,
    proximal,
    curvature,
    counts = noCalls(),
  }: {
    readonly eta: number;
    readonly proximal: Proximal;
    readonly curvature?: Float64Array;
    readonly counts?: TargetCounts;
  },
): TargetSurrogate {
  checkPositive({ eta });
  const { map, theta, targets, batch } = anchor;
  const g = spread(anchor.gradient, anchor);
  const scale = 1 / batch.map.rows;
  const weights = curvature ? curvature.map((c) => c / eta) : new Float64Array(targets.length).fill(1 / eta);
  const model =
    proximal === "kl"
      ? mirrorModel(targets, g, { eta, outputs: map.outputs })
      : quadraticModel(targets, g, weights);
  // Caches the targets of the last point: a gradient after a line search needs no second evaluation of the model.
  let known = { theta, targets };
  async function targetsAt(point: Float64Array): Promise<Float64Array> {
    if (point === known.theta) return known.targets;
    counts.forward += 1;
    known = { theta: point, targets: await map.targets(point) };
    return known.targets;
  }
  async function valueAndGradient(point: Float64Array): Promise<ValueAndGradient> {
    const z = await targetsAt(point);
    const cotangents = model.cotangents(z);
    for (let j = 0; j < cotangents.length; j++) cotangents[j] *= scale;
    counts.pullback += 1;
    return { value: scale * model.value(z), gradient: await map.pullback(point, cotangents) };
  }
  return {
    map,
    theta,
    model,
    scale,
    eta,
    counts,
    targetGradient: g,
    shift: anchor.value + scale * model.shift,
    objective: {
      dimension: map.dimension,
      value: async (point) => scale * model.value(await targetsAt(point)),
      gradient: async (point) => (await valueAndGradient(point)).gradient,
      valueAndGradient,
    },
  };
}

/** A surrogate as a function: for plots, custom solvers, and checking that it bounds the loss. */
export interface SurrogateFunction {
  /** S_t. */
  value(theta: Float64Array): Promise<number>;
  gradient(theta: Float64Array): Promise<Float64Array>;
  /** z_t. */
  readonly targets: Float64Array;
  /** g, the loss's gradient at z_t. */
  readonly targetGradient: Float64Array;
  /** h_R(theta_t) = S_t(theta_t). */
  readonly loss: number;
}

/**
 * The surrogate of one batch's loss around theta_t, from one call of the loss. With eta <= 1/L it is an upper bound of
 * the loss.
 *
 * @throws ArgumentError unless eta is finite and > 0, or when shapes differ
 */
export async function targetSurrogate(
  batch: TargetBatch,
  theta: Float64Array,
  options: {
    readonly eta: number;
    readonly domain?: ProximalDomain;
    readonly proximal?: "euclidean" | "kl";
  },
): Promise<SurrogateFunction> {
  checkGivenOptions("targetSurrogate", options, ["eta", "domain", "proximal"]);
  const { eta, domain = "batch", proximal = "euclidean" } = options;
  const anchor = await anchorAt(batch, theta, { domain, proximal, counts: noCalls() });
  const { objective, shift } = surrogateAt(anchor, { eta, proximal });
  return {
    value: async (point) => (await objective.value(point)) + shift,
    gradient: async (point) => objective.gradient(point),
    targets: anchor.targets,
    targetGradient: anchor.gradient,
    loss: anchor.value,
  };
}
