import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { checkedObjective, checkNetwork, networkOutputs, type ReluNetwork } from "./network.ts";
import { dualOfOutputs } from "./output-loss.ts";
import { atOnce, type Pieces } from "./pieces.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";
import { zeroMatrix } from "./products.ts";
import { type WorstDirections, type WorstDirectionsOptions, worstDirections } from "./worst-directions.ts";

/** How far from the global optimum a network can be. */
export interface GlobalCertificate {
  /** The network's objective. */
  readonly objective: number;
  /** No network of any width has a lower objective. */
  readonly lowerBound: number;
  /** objective - lowerBound >= objective - optimum. */
  readonly gap: number;
  /** gap / objective. */
  readonly relativeGap: number;
  /** max over |u| = 1 of |nu^T (X u)_+| / beta: 1 at an optimum. */
  readonly overshoot: number;
  /**
   * `proved`: the maximum is over all directions (at most two columns, an intercept among them); `estimated`: a local
   * search found it, and a larger value that it missed would lower the bound.
   */
  readonly kind: "proved" | "estimated";
}

/** How the worst direction is looked for. */
export interface CertificateOptions {
  /** n numbers nu that make the bound; -phi'(z_k, y_k) of the network's outputs unless given. */
  readonly dual?: ArrayLike<number>;
  /** Random starts of the local search. */
  readonly starts?: number;
  readonly seed?: number;
}

const certificateOptions = ["dual", "starts", "seed"] as const;

/** The hidden units as rows of the design's columns. */
function unitRows({ hidden, biases }: ReluNetwork, intercept: boolean): DenseMatrix {
  const { rows: inputs, columns: m } = hidden;
  const units = zeroMatrix(m, intercept ? inputs + 1 : inputs);
  for (let j = 0; j < m; j++) {
    for (let i = 0; i < inputs; i++) units.values[j * units.columns + i] = hidden.values[i * m + j];
    if (intercept) units.values[j * units.columns + inputs] = biases[j];
  }
  return units;
}

/** sum_k -phi*(-t nu_k). */
function dualValue({ loss, y }: CheckedProblem, nu: Float64Array, t: number): number {
  let sum = 0;
  for (let k = 0; k < y.length; k++) sum += loss.dual(loss.dualFeasible(t * nu[k], y[k]), y[k]);
  return sum;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SECTIONS = 60;

/**
 * The highest dual value on the ray t nu, 0 <= t <= most, and its t: the value is concave in t.
 *
 * @param nu where the dual value is finite, as it then is for every t <= 1
 */
function highestOnRay(
  problem: CheckedProblem,
  nu: Float64Array,
  most: number,
): { readonly value: number; readonly t: number } {
  const at = (t: number) => ({ t, value: dualValue(problem, nu, t) });
  let [low, high] = [0, most];
  let [left, right] = [at(most * (1 - GOLDEN)), at(most * GOLDEN)];
  let best = at(most);
  for (let section = 0; section < SECTIONS; section++) {
    if (left.value > right.value) {
      high = right.t;
      right = left;
      left = at(high - GOLDEN * (high - low));
    } else {
      low = left.t;
      left = right;
      right = at(low + GOLDEN * (high - low));
    }
    for (const tried of [left, right]) if (tried.value > best.value) best = tried;
  }
  return best;
}

/** How far a dual point may be scaled until the dual value is infinite: labels times dual points are at most 1. */
function longestScale({ loss, y }: CheckedProblem, nu: Float64Array): number {
  if (loss.dualDomain === "line") return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let k = 0; k < y.length; k++) largest = Math.max(largest, y[k] * nu[k]);
  return 1 / largest;
}

/** The certificate of a checked problem's network, with the directions that were found for it. */
export interface Certified {
  readonly certificate: GlobalCertificate;
  readonly worst: WorstDirections;
  /** The dual point that makes the bound, which no direction that was found violates. */
  readonly dual: Float64Array;
}

export function* certified(
  problem: CheckedProblem,
  network: ReluNetwork,
  {
    dual,
    starts = 2000,
    seed = 0,
    search = "full",
  }: CertificateOptions & { readonly search?: WorstDirectionsOptions["search"] },
): Pieces<Certified> {
  const { y, loss, beta, design, intercept } = problem;
  const given = dual ? Float64Array.from(dual) : dualOfOutputs(loss, networkOutputs(network, problem.x), y);
  const nu = given.map((value, k) => loss.dualFeasible(value, y[k]));
  const also = unitRows(network, intercept);
  const worst = yield* worstDirections(design, nu, { starts, seed, also, search });
  const overshoot = Math.abs(worst.directions[0].score) / beta;
  const objective = checkedObjective(problem, network);
  const most = Math.min(1 / overshoot, longestScale(problem, nu));
  // without a limit nothing is violated by any multiple
  const { value, t } = highestOnRay(problem, nu, Number.isFinite(most) ? most : 1);
  // losses are not negative, so 0 is a bound as well
  const lowerBound = Math.max(0, value);
  const gap = objective - lowerBound;
  return {
    certificate: {
      objective,
      lowerBound,
      gap,
      relativeGap: objective > 0 ? gap / objective : 0,
      overshoot,
      kind: worst.proved ? "proved" : "estimated",
    },
    worst,
    dual: nu.map((one) => t * one),
  };
}

/**
 * Bounds how far any network, however it was trained, is from the global optimum of its training problem. By duality
 *
 *     optimum >= sum_k -phi*(-nu_k)   for every nu with  |nu^T (X u)_+| <= beta  for all |u| <= 1,
 *
 * whatever the width; of the multiples of nu = -phi'(z, y) at the network's outputs that fit, the one with the highest bound
 * counts. The bound is tight at an optimum.
 *
 * @throws ArgumentError when an argument or option does not fit
 * @throws DataError naming the place of a number or label that does not fit
 * Source: the dual of Pilanci & Ergen 2020, "Neural Networks are Convex Regularizers", Section 3; the scaling is ours.
 */
export function certifyNetwork(
  problem: NetworkProblem,
  network: ReluNetwork,
  options: CertificateOptions = {},
): GlobalCertificate {
  checkGivenOptions("certifyNetwork", problem, problemOptions);
  checkOptions("certifyNetwork", options, certificateOptions);
  const { dual, starts = 2000, seed = 0 } = options;
  checkNonNegativeInteger({ starts, seed });
  const checked = checkProblem(problem);
  checkNetwork(network);
  const biased = checked.intercept ? -1 : Array.from(network.biases).findIndex((bias) => bias !== 0);
  if (biased >= 0)
    throw new ArgumentError(
      `network.biases must be 0 where intercept is false, got ${network.biases[biased]} at index ${biased}`,
    );
  if (dual) {
    checkLength("dual", dual, checked.y.length);
    checkFiniteVector("dual", dual);
  }
  return atOnce(certified(checked, network, { dual, starts, seed })).certificate;
}
