import { gemm } from "@gradus/blas/dense";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../check/numbers.ts";
import { checkBoolean, checkFunction, checkGivenOptions, checkOneOf } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { baselineOf } from "./baseline.ts";
import { rowBlocks } from "./blocks.ts";
import {
  checkGradients,
  checkModel,
  checkRows,
  type ExplainableModel,
  valuesAndGradientsOf,
  valuesOf,
} from "./models/contract.ts";
import {
  activeFeatures,
  checkNeighborhood,
  drawPerturbations,
  type Neighborhood,
  type Perturbed,
  perturbedInputs,
  scaledByReach,
} from "./neighborhoods/contract.ts";
import { type SquaredDistances, squaredDistances } from "./neighborhoods/distances.ts";
import { pauses } from "./pauses.ts";
import { perturbedScores } from "./perturbed-scores.ts";
import { keptScratch, scratch } from "./scratch.ts";
import { type Design, designOf, normalizedWeights } from "./surrogates/design.ts";
import { fitLinear, type LinearFit, type Targets, targetsOf } from "./surrogates/linear.ts";
import type { SurrogateLoss } from "./surrogates/logistic.ts";
import { logisticFitOf, matched, quality, type RowProblem } from "./surrogates/row-problem.ts";
import { shiftedPerturbations } from "./surrogates/shifted.ts";

/** Attributions of rows, and what they took. */
export interface Explanation {
  /** One row of d attributions for each explained row. */
  readonly attributions: DenseMatrix;
  /** Rows on which the model was evaluated. */
  readonly evaluations: number;
}

/** An explanation by a surrogate; arrays have one entry a row. */
export interface LocalApproximation extends Explanation {
  /** b. */
  readonly intercepts: Float64Array;
  /** Weighted mean loss of the surrogate, penalties left out. */
  readonly losses: Float64Array;
  /** 1 - sum pi (f - g)^2 / sum pi (f - mean f)^2; 1 where f is constant and g is f. */
  readonly fidelities: Float64Array;
  /** Parameters that the perturbations determine, of at most d + 1. */
  readonly ranks: Int32Array;
  /** 1 where the fit has converged; linear surrogates always have. */
  readonly converged: Uint8Array;
}

export interface ExplainOptions {
  readonly neighborhood: Neighborhood;
  /** The class of the surrogate g: w . xi + b, or sigma(w . xi + b). */
  readonly surrogate?: "linear" | "logistic";
  /** (f - g)^2, ||df/dxi - dg/dxi||^2, or cross-entropy (with a logistic surrogate). */
  readonly loss?: SurrogateLoss;
  /** Whether g has an intercept b. */
  readonly intercept?: boolean;
  /** Importance of a perturbation by its distance ||x - x0||, beside the neighborhood's own weights. */
  readonly weight?: (distance: number) => number;
  /** Adds ridge ||w||^2 to the mean loss of a linear surrogate. */
  readonly ridge?: number;
  /** Adds lasso ||w||_1 to the mean loss of a linear surrogate. */
  readonly lasso?: number;
  /** N, the perturbations drawn. */
  readonly samples?: number;
  readonly seed?: number;
  /** r, what a removed feature is set to; zeros by default. */
  readonly baseline?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

type Settings = Required<Omit<ExplainOptions, "weight" | "signal" | "baseline" | "seed">> &
  Pick<ExplainOptions, "weight">;

function settingsOf(options: ExplainOptions): Settings {
  const { neighborhood, surrogate = "linear", loss = "squaredError", weight } = options;
  const {
    intercept = neighborhood?.response !== "difference",
    ridge = 0,
    lasso = 0,
    samples = 1000,
  } = options;
  checkNeighborhood("neighborhood", neighborhood);
  checkOneOf(["linear", "logistic"], { surrogate });
  checkOneOf(["squaredError", "gradientMatching", "crossEntropy"], { loss });
  checkBoolean({ intercept });
  checkNonNegative({ ridge, lasso });
  checkPositiveInteger({ samples });
  if (weight !== undefined) checkFunction({ weight });
  if (loss === "crossEntropy" && surrogate === "linear")
    throw new ArgumentError("crossEntropy needs surrogate to be logistic: a linear one is no probability");
  const exact = neighborhood.anchored === true || neighborhood.response === "difference";
  if (exact && (surrogate !== "linear" || loss !== "squaredError"))
    throw new ArgumentError(
      `the neighborhood ${neighborhood.name} needs a linear surrogate with squaredError, got ${surrogate} with ${loss}`,
    );
  if (neighborhood.anchored && lasso > 0)
    throw new ArgumentError(`the neighborhood ${neighborhood.name} takes no lasso, got ${lasso}`);
  if (surrogate === "logistic" && ridge + lasso > 0)
    throw new ArgumentError("ridge and lasso need surrogate to be linear");
  if (loss === "gradientMatching" && ridge + lasso > 0)
    throw new ArgumentError("ridge and lasso need loss to be squaredError");
  return { neighborhood, surrogate, loss, intercept, weight, ridge, lasso, samples };
}

const weightMemory = keptScratch();
const distanceMemory = keptScratch();
const productMemory = keptScratch();

/**
 * Local function approximation: for each row x0 the surrogate g of a class G that approximates the model f on a
 * neighborhood,
 *
 *     theta* = argmin over G of  E_xi [ pi(xi) loss(f, g, x0, xi) ],   x = x0 + xi  or  r + (x0 - r) * xi
 *
 * whose weights w are the attributions. All rows share the perturbations of one draw, so that a row's explanation does not
 * depend on the rows beside it; all their inputs are one call of the model (blocks of 2^18 numbers). Linear surrogates are
 * fitted exactly (Cholesky of the Gram matrix, QR where it is close to singular), by gradients in closed form; logistic
 * ones by the Levenberg-Marquardt method. A feature that equals its baseline has attribution 0 in multiplicative
 * neighborhoods.
 * Source: Han, Srinivas & Lakkaraju 2022, "Which explanation should I choose?".
 *
 * @param x rows to explain, n x d
 * @throws ArgumentError when the model has no gradients for `gradientMatching`, shapes do not fit, or an option is unknown,
 *   out of range or does not go with another
 * @throws DataError when x, the baseline, a score or a gradient is not finite, scores are outside (0, 1) for a logistic
 *   surrogate, or all weights of a row are 0
 */
export async function explain(
  model: ExplainableModel,
  x: DenseMatrix,
  options: ExplainOptions,
): Promise<LocalApproximation> {
  checkGivenOptions("explain", options, [
    ...["neighborhood", "surrogate", "loss", "intercept", "weight", "ridge", "lasso"],
    ...["samples", "seed", "baseline", "signal"],
  ]);
  const settings = settingsOf(options);
  checkModel(model);
  checkRows("x", x, model.features);
  const { neighborhood, surrogate, loss, intercept, samples } = settings;
  if (loss === "gradientMatching") checkGradients(model);
  const baseline = baselineOf(options.baseline, x.columns);
  const { rows: n, columns: d } = x;
  const { xi, weights } = drawPerturbations(neighborhood, d, samples, randomStream(options.seed ?? 1));
  const { composition, anchored = false } = neighborhood;
  const difference = neighborhood.response === "difference";
  const perturbed: Perturbed = { x, baseline, composition, complement: difference };
  const count = xi.rows;

  const ends = anchored || difference;
  let atRows: Float64Array = new Float64Array(0);
  let [atBaseline, evaluations] = [0, 0];
  if (ends) {
    options.signal?.throwIfAborted();
    const both = new Float64Array((n + 1) * d);
    both.set(x.values);
    both.set(baseline, n * d);
    const values = await valuesOf(model, { rows: n + 1, columns: d, values: both });
    // a model may answer every call in one array
    atRows = values.slice(0, n);
    atBaseline = values[n];
    evaluations += n + 1;
  }

  const ownWeights = neighborhood.kernel !== undefined || settings.weight !== undefined;
  const shared = ownWeights ? undefined : normalizedWeights(weights, count, "every row");
  let sharedDesign: Design | undefined;
  const memory = scratch();
  const pause = pauses(options.signal);
  const pausing = surrogate === "logistic";
  const result = {
    attributions: new Float64Array(n * d),
    intercepts: new Float64Array(n),
    losses: new Float64Array(n),
    fidelities: new Float64Array(n),
    ranks: new Int32Array(n),
    converged: new Uint8Array(n).fill(1),
  };

  let distances: SquaredDistances | undefined;

  /** Writes a row's weights. */
  function weigh(row: number, squared: Float64Array, own: Float64Array): void {
    const { kernel } = neighborhood;
    const { weight } = settings;
    if (weights) own.set(weights);
    else own.fill(1);
    if (kernel) for (let k = 0; k < count; k++) own[k] *= kernel(squared[k]);
    if (weight) for (let k = 0; k < count; k++) own[k] *= weight(Math.sqrt(squared[k]));
    for (let k = 0; k < count; k++)
      if (!(own[k] >= 0))
        throw new DataError(`weight must be non-negative, got ${own[k]} at perturbation ${k} of row ${row}`);
    normalizedWeights(own, count, `row ${row}`, own);
  }

  /** Weights of rows `from` to `to`; good until the next call, if fits do not pause. */
  function weightsOf(from: number, to: number): Float64Array[] {
    if (shared) return new Array<Float64Array>(to - from).fill(shared);
    distances ??= squaredDistances(perturbed, xi);
    const own = pausing ? new Float64Array((to - from) * count) : weightMemory((to - from) * count);
    const squared = distances(from, to, distanceMemory);
    return Array.from({ length: to - from }, (_, i) => {
      const [start, end] = [i * count, (i + 1) * count];
      weigh(from + i, squared.subarray(start, end), own.subarray(start, end));
      return own.subarray(start, end);
    });
  }

  type Scored = Pick<RowProblem, "y" | "gradients">;

  function problemOf(row: number, pi: Float64Array, scored: Scored): RowProblem {
    let own: Design | undefined;
    const design = () => {
      if (shared) {
        sharedDesign ??= designOf(perturbations, pi);
        return sharedDesign;
      }
      own ??= designOf(perturbations, pi);
      return own;
    };
    const active = activeFeatures(perturbed, row);
    const anchors = anchored ? { none: atBaseline, all: atRows[row] } : undefined;
    return { xi, perturbations, pi, ...scored, active, anchors, design };
  }

  type Fit = LinearFit & { readonly loss?: number; readonly converged?: boolean };

  function fitOf(problem: RowProblem, row: number, targets: Targets | undefined): Fit | Promise<Fit> {
    const { active, anchors, design } = problem;
    const { ridge, lasso } = settings;
    if (surrogate === "logistic") return logisticFitOf(problem, settings, row, pause);
    return targets
      ? fitLinear(design(), { targets, active, ridge, lasso, intercept, anchors })
      : matched(problem, intercept);
  }

  using perturbations = shiftedPerturbations(xi, intercept && !anchored);

  /** Fits rows `from`, `from` + 1, ... to what the model gives, in products for all of them. */
  async function keep(from: number, scored: readonly Scored[]): Promise<void> {
    const pi = weightsOf(from, from + scored.length);
    const problems = scored.map((own, i) => problemOf(from + i, pi[i], own));
    const offsetOf = ({ anchors }: RowProblem) => anchors?.none ?? (intercept ? undefined : 0);
    const targets =
      surrogate === "linear" && loss === "squaredError"
        ? targetsOf(
            perturbations,
            problems.map((one) => ({ design: one.design(), y: one.y, offset: offsetOf(one) })),
          )
        : [];
    const fits: Fit[] = [];
    for (const [i, problem] of problems.entries()) {
      const fit = fitOf(problem, from + i, targets[i]);
      fits.push(fit instanceof Promise ? await fit : fit);
    }
    const weights = { rows: fits.length, columns: d, values: new Float64Array(fits.length * d) };
    fits.forEach((fit, i) => {
      weights.values.set(fit.weights, i * d);
    });
    const products = productMemory(fits.length * count);
    gemm({ a: weights, b: xi, transposeB: true, c: { rows: fits.length, columns: count, values: products } });
    result.attributions.set(weights.values, from * d);
    fits.forEach((fit, i) => {
      const row = from + i;
      const own = products.subarray(i * count, (i + 1) * count);
      const measured = quality(problems[i], fit, own, settings);
      result.intercepts[row] = fit.intercept;
      result.losses[row] = fit.loss ?? measured.loss;
      result.fidelities[row] = measured.fidelity;
      result.ranks[row] = fit.rank;
      if (fit.converged === false) result.converged[row] = 0;
    });
  }

  evaluations += n * count;
  if (loss === "gradientMatching") {
    for (const [from, to] of rowBlocks(n, count * d)) {
      await pause();
      const inputs = perturbedInputs(perturbed, xi, from, to, memory);
      const { values, gradients } = await valuesAndGradientsOf(model, inputs, { from, each: count, rows: n });
      const scored = Array.from({ length: to - from }, (_, i) => {
        const at = i * count;
        const slopes = gradients.subarray(at * d, (at + count) * d);
        return {
          y: values.subarray(at, at + count),
          gradients: composition === "multiplicative" ? scaledByReach(slopes, perturbed, from + i) : slopes,
        };
      });
      await keep(from, scored);
    }
  } else {
    for await (const { from, to, scores } of perturbedScores(model, perturbed, xi, options.signal)) {
      const scored = Array.from({ length: to - from }, (_, i) => {
        const own = scores.subarray(i * count, (i + 1) * count);
        return { y: difference ? own.map((score) => atRows[from + i] - score) : own };
      });
      await keep(from, scored);
    }
  }
  const { attributions, ...rest } = result;
  return { attributions: { rows: n, columns: d, values: attributions }, evaluations, ...rest };
}
