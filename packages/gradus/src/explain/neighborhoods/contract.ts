import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkFunction, checkOneOf } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import type { RandomStream } from "../../random/stream.ts";
import type { PerturbedRows } from "../models/contract.ts";
import type { Scratch } from "../scratch.ts";

/** Perturbations xi of one draw, the same for all rows that are explained together. */
export interface Perturbations {
  /** One perturbation a row, d numbers each. */
  readonly xi: DenseMatrix;
  /** Importance of each, non-negative; all alike without it. */
  readonly weights?: Float64Array;
}

/** How perturbations become inputs: x0 + xi, or r + (x0 - r) * xi elementwise with the baseline r. */
export type Composition = "additive" | "multiplicative";

/** The distribution of the perturbations around a row, on which a surrogate approximates the model. */
export interface Neighborhood {
  readonly name: string;
  readonly composition: Composition;
  /**
   * `difference`: the surrogate approximates f(x0) - f(r + (x0 - r) * (1 - xi)), what removing the features of xi takes
   * away, without intercept.
   */
  readonly response?: "difference";
  /** The surrogate is exact at xi = 0 and xi = 1: two points of infinite weight. */
  readonly anchored?: true;
  /** Importance of a perturbation by ||x - x0||^2, beside the weights of the draw. */
  readonly kernel?: (squaredDistance: number) => number;
  /**
   * Perturbations of d numbers: `samples` of them, or all where they can be enumerated.
   */
  draw(d: number, samples: number, stream: RandomStream): Perturbations;
}

/** @throws ArgumentError when the argument is not a neighborhood */
export function checkNeighborhood(name: string, neighborhood: Neighborhood): void {
  if (typeof neighborhood !== "object" || neighborhood === null)
    throw new ArgumentError(
      `${name} must be a neighborhood, such as gaussianNeighborhood(), got ${shown(neighborhood)}`,
    );
  checkOneOf(["additive", "multiplicative"], { [`${name}.composition`]: neighborhood.composition });
  checkFunction({ [`${name}.draw`]: neighborhood.draw });
}

/**
 * Draws perturbations.
 *
 * @throws ArgumentError when a user's neighborhood draws other than rows of d numbers
 * @throws DataError naming a perturbation or a weight that is not finite, or a weight that is negative
 */
export function drawPerturbations(
  neighborhood: Neighborhood,
  d: number,
  samples: number,
  stream: RandomStream,
): Perturbations {
  const drawn = neighborhood.draw(d, samples, stream);
  if (typeof drawn !== "object" || drawn === null || typeof drawn.xi !== "object")
    throw new ArgumentError(`neighborhood.draw must return { xi, weights? } at once, got ${shown(drawn)}`);
  const { xi, weights } = drawn;
  if (xi.rows === 0 && neighborhood.anchored) return drawn;
  checkFiniteDense("the perturbations", xi);
  if (xi.columns !== d)
    throw new ArgumentError(`the perturbations must have ${d} numbers each, got ${xi.columns}`);
  if (weights === undefined) return drawn;
  if (weights.length !== xi.rows)
    throw new ArgumentError(
      `weights must have one number for each of ${xi.rows} perturbations, got ${weights.length}`,
    );
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (bad >= 0)
    throw new DataError(`weights must be non-negative, got ${weights[bad]} at perturbation ${bad}`);
  return drawn;
}

/** What rows and a baseline have to be perturbed. */
export interface Perturbed {
  /** Rows x0, n x d. */
  readonly x: DenseMatrix;
  /** r, d numbers. */
  readonly baseline: Float64Array;
  readonly composition: Composition;
  /** Whether 1 - xi is taken in place of xi. */
  readonly complement?: boolean;
}

/** Rows `from` to `to` as perturbations make inputs of them. */
export function perturbedRows(
  { x, baseline, composition, complement = false }: Perturbed,
  from: number,
  to: number,
): PerturbedRows {
  const d = x.columns;
  const own = x.values.subarray(from * d, to * d);
  const matrix = (values: Float64Array): DenseMatrix => ({ rows: to - from, columns: d, values });
  if (composition === "additive")
    return { offset: matrix(own), scale: matrix(new Float64Array(own.length).fill(1)) };
  const reach = own.map((value, k) => value - baseline[k % d]);
  return complement
    ? { offset: matrix(own), scale: matrix(reach.map((value) => -value)) }
    : { offset: matrix(own.map((_, k) => baseline[k % d])), scale: matrix(reach) };
}

/**
 * The inputs that perturbations make of rows `from` to `to`, row after row: (to - from) N x d.
 *
 * @param memory where they are written
 */
export function perturbedInputs(
  perturbed: Perturbed,
  { values: xi, rows: count }: DenseMatrix,
  from: number,
  to: number,
  memory: Scratch,
): DenseMatrix {
  const d = perturbed.x.columns;
  const inputs = memory((to - from) * count * d);
  const { offset, scale } = perturbedRows(perturbed, from, to);
  let at = 0;
  for (let row = 0; row < (to - from) * d; row += d)
    for (let k = 0; k < count * d; k += d, at += d)
      for (let j = 0; j < d; j++) inputs[at + j] = offset.values[row + j] + scale.values[row + j] * xi[k + j];
  return { rows: (to - from) * count, columns: d, values: inputs };
}

/** Features whose perturbations change the input: where x0 is the baseline, a multiplicative one does not. */
export function activeFeatures({ x, baseline, composition }: Perturbed, row: number): Int32Array {
  const features = new Int32Array(x.columns);
  let count = 0;
  for (let j = 0; j < x.columns; j++)
    if (composition === "additive" || x.values[row * x.columns + j] !== baseline[j]) features[count++] = j;
  return features.subarray(0, count);
}

/** df/dxi = (x0 - r) * f'(x) of multiplicative perturbations. */
export function scaledByReach(
  slopes: Float64Array,
  { x, baseline }: Perturbed,
  row: number,
): Float64Array<ArrayBuffer> {
  const d = x.columns;
  const reach = Float64Array.from(baseline, (r, j) => x.values[row * d + j] - r);
  const gradients = new Float64Array(slopes.length);
  for (let k = 0; k < slopes.length; k += d)
    for (let j = 0; j < d; j++) gradients[k + j] = slopes[k + j] * reach[j];
  return gradients;
}
