import { DataError } from "../../check/errors.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { Pause } from "../pauses.ts";
import type { Design } from "./design.ts";
import { fitLinear, type LinearFit, targetsOf, weightedMean } from "./linear.ts";
import { fitLogistic, type SurrogateLoss } from "./logistic.ts";
import type { ShiftedPerturbations } from "./shifted.ts";

/** Means of scores are taken for at least so far from 0 and 1. */
const EPSILON = 1e-6;

/** The perturbations of a row with what the model gives there. */
export interface RowProblem {
  readonly xi: DenseMatrix;
  readonly perturbations: ShiftedPerturbations;
  /** pi, summing to 1. */
  readonly pi: Float64Array;
  readonly y: Float64Array;
  /** df/dxi, N x d. */
  readonly gradients?: Float64Array;
  readonly active: Int32Array;
  readonly anchors?: { readonly none: number; readonly all: number };
  readonly design: () => Design;
}

function logitStart(
  { perturbations, y, design, active }: RowProblem,
  intercept: boolean,
): Float64Array<ArrayBuffer> {
  const logits = y.map((p) => Math.log(p / (1 - p)));
  const made = design();
  const [targets] = targetsOf(perturbations, [
    { design: made, y: logits, offset: intercept ? undefined : 0 },
  ]);
  const found = fitLinear(made, { targets, active, ridge: 0, lasso: 0, intercept });
  return Float64Array.from([...found.weights, found.intercept]);
}

/** Weighted mean of the gradients. */
function meanGradient(gradients: Float64Array, pi: Float64Array, d: number): Float64Array<ArrayBuffer> {
  const mean = new Float64Array(d);
  for (let k = 0; k < pi.length; k++) for (let j = 0; j < d; j++) mean[j] += pi[k] * gradients[k * d + j];
  return mean;
}

/** The perturbations without the features that do not change the input. */
function activePerturbations({ xi, active }: RowProblem): DenseMatrix {
  const d = xi.columns;
  if (active.length === d) return xi;
  const values = new Float64Array(xi.values.length);
  for (let k = 0; k < values.length; k += d) for (const j of active) values[k + j] = xi.values[k + j];
  return { ...xi, values };
}

/**
 * The logistic surrogate of a row.
 *
 * @throws DataError naming a score outside (0, 1)
 */
export async function logisticFitOf(
  problem: RowProblem,
  { loss, intercept }: { readonly loss: SurrogateLoss; readonly intercept: boolean },
  row: number,
  pause: Pause,
) {
  const { pi, y, gradients } = problem;
  const xi = activePerturbations(problem);
  const outside = y.findIndex((p) => !(p > 0 && p < 1));
  if (outside >= 0)
    throw new DataError(
      `a logistic surrogate needs scores in (0, 1), got ${y[outside]} at perturbation ${outside} of row ${row}`,
    );
  const starts = [logitStart(problem, intercept)];
  if (gradients && loss === "gradientMatching") {
    // sigma' is at most 1/4
    const slope = meanGradient(gradients, pi, xi.columns).map((value) => 4 * value);
    const mean = y.reduce((sum, p, k) => sum + pi[k] * p, 0);
    const p = Math.min(1 - EPSILON, Math.max(EPSILON, mean));
    starts.push(Float64Array.from([...slope, intercept ? Math.log(p / (1 - p)) : 0]));
  }
  const fit = await fitLogistic({ loss, xi, weights: pi, y, gradients, intercept }, starts, pause);
  return { ...fit, rank: problem.active.length + (intercept ? 1 : 0) };
}

/** The linear surrogate with the weighted mean of the gradients as weights, and the intercept that fits f best. */
export function matched({ xi, pi, y, gradients, active }: RowProblem, intercept: boolean): LinearFit {
  const d = xi.columns;
  const weights = meanGradient(gradients ?? new Float64Array(xi.values.length), pi, d);
  let b = 0;
  if (intercept)
    for (let k = 0; k < pi.length; k++) {
      let rest = y[k];
      for (let j = 0; j < d; j++) rest -= weights[j] * xi.values[k * d + j];
      b += pi[k] * rest;
    }
  return { weights, intercept: b, rank: active.length + (intercept ? 1 : 0) };
}

/** g at each perturbation, from w . xi. */
function surrogateScores(products: Float64Array, intercept: number, surrogate: "linear" | "logistic"): void {
  for (let k = 0; k < products.length; k++) products[k] += intercept;
  if (surrogate === "linear") return;
  for (let k = 0; k < products.length; k++) products[k] = 1 / (1 + Math.exp(-products[k]));
}

/** sum pi (f - g)^2, sum pi (f - mean f)^2 and the mean itself. */
function weightedErrors(pi: Float64Array, y: Float64Array, g: Float64Array) {
  const mean = weightedMean(pi, y);
  let squares = 0;
  let spread = 0;
  for (let k = 0; k < pi.length; k++) {
    const error = y[k] - g[k];
    const apart = y[k] - mean;
    squares += pi[k] * (error * error);
    spread += pi[k] * (apart * apart);
  }
  return { squares, spread, mean };
}

/** sum pi ||df/dxi - w||^2. */
function matchingError(gradients: Float64Array, pi: Float64Array, w: Float64Array): number {
  const d = w.length;
  let sum = 0;
  for (let k = 0; k < pi.length; k++)
    for (let j = 0; j < d; j++) sum += pi[k] * (gradients[k * d + j] - w[j]) ** 2;
  return sum;
}

/**
 * The mean loss and the fidelity of g at the perturbations.
 *
 * @param products w . xi of every perturbation; overwritten
 */
export function quality(
  { pi, y, gradients }: RowProblem,
  { weights: w, intercept: b }: { readonly weights: Float64Array; readonly intercept: number },
  products: Float64Array,
  { surrogate, loss }: { readonly surrogate: "linear" | "logistic"; readonly loss: SurrogateLoss },
) {
  surrogateScores(products, b, surrogate);
  const { squares, spread, mean } = weightedErrors(pi, y, products);
  const rounding = (8 * Number.EPSILON * mean) ** 2;
  const fidelity =
    spread > rounding ? 1 - squares / spread : squares <= rounding ? 1 : Number.NEGATIVE_INFINITY;
  if (loss !== "gradientMatching") return { loss: squares, fidelity };
  return { loss: gradients && surrogate === "linear" ? matchingError(gradients, pi, w) : 0, fidelity };
}
