import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { baselineOf } from "../baseline.ts";
import { rowBlocks } from "../blocks.ts";
import { checkModel, checkRows, type ExplainableModel, valuesOf } from "../models/contract.ts";
import {
  checkNeighborhood,
  drawPerturbations,
  type Neighborhood,
  perturbedInputs,
} from "../neighborhoods/contract.ts";
import { squaredDistances } from "../neighborhoods/distances.ts";
import { pauses } from "../pauses.ts";
import { scratch } from "../scratch.ts";
import { designOf, normalizedWeights } from "../surrogates/design.ts";
import { fitLinear, targetsOf } from "../surrogates/linear.ts";
import { shiftedPerturbations } from "../surrogates/shifted.ts";

export interface CrossNeighborhoodOptions {
  /** Perturbations of each neighborhood, to fit on and to test on. */
  readonly samples?: number;
  readonly seed?: number;
  /** Adds ridge ||w||^2 to each fit: some neighborhoods do not span all directions. */
  readonly ridge?: number;
  /** r; zeros by default. */
  readonly baseline?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

/** Inputs of one row on a neighborhood: displacements x - x0, their weights and the model's scores. */
interface Sample {
  readonly displacements: DenseMatrix;
  readonly weights: Float64Array;
  readonly scores: Float64Array;
}

/**
 * How well the affine explanation of each neighborhood does on each other one. For every row, g_i(x) = w . (x - x0) + b is
 * the weighted least-squares fit of f on neighborhood i, and
 *
 *     entry (j, i) = mean over rows of  sqrt( sum_k pi_k (f(x_k) - g_i(x_k))^2 ),   x_k fresh inputs of neighborhood j.
 *
 * Each row of the matrix is least where an explanation is on its own neighborhood: no free lunch (Han, Srinivas & Lakkaraju
 * 2022, theorem 3).
 *
 * @param x rows, n x d
 * @returns neighborhoods x neighborhoods: evaluated on, fitted on
 * @throws ArgumentError, DataError as `explain`
 */
export async function crossNeighborhoodLoss(
  model: ExplainableModel,
  x: DenseMatrix,
  neighborhoods: readonly Neighborhood[],
  options: CrossNeighborhoodOptions = {},
): Promise<DenseMatrix> {
  checkOptions("crossNeighborhoodLoss", options, ["samples", "seed", "ridge", "baseline", "signal"]);
  const { samples = 1000, seed = 1, ridge = 1e-8, signal } = options;
  checkModel(model);
  checkRows("x", x, model.features);
  if (!Array.isArray(neighborhoods) || neighborhoods.length === 0)
    throw new ArgumentError(
      `neighborhoods must be an array of at least one neighborhood, got ${shown(neighborhoods)}`,
    );
  neighborhoods.forEach((neighborhood, i) => {
    checkNeighborhood(`neighborhoods[${i}]`, neighborhood);
  });
  checkPositiveInteger({ samples });
  checkNonNegative({ ridge });
  const { rows: n, columns: d } = x;
  const baseline = baselineOf(options.baseline, d);
  const stream = randomStream(seed);
  const pause = pauses(signal);
  const active = Int32Array.from({ length: d }, (_, j) => j);

  async function sampled(neighborhood: Neighborhood, label: string): Promise<Sample[]> {
    const { composition, response, kernel } = neighborhood;
    const perturbed = { x, baseline, composition, complement: response === "difference" };
    const { xi, weights } = drawPerturbations(neighborhood, d, samples, stream.split(label));
    const all: Sample[] = [];
    const distances = squaredDistances(perturbed, xi);
    const [memory, distanceMemory] = [scratch(), scratch()];
    for (const [from, to] of rowBlocks(n, xi.values.length)) {
      await pause();
      const inputs = perturbedInputs(perturbed, xi, from, to, memory);
      const scores = await valuesOf(model, inputs);
      for (let i = from; i < to; i++) {
        const values = inputs.values.slice((i - from) * xi.values.length, (i - from + 1) * xi.values.length);
        for (let k = 0; k < values.length; k++) values[k] -= x.values[i * d + (k % d)];
        const own = kernel
          ? distances(i, i + 1, distanceMemory).map((squared, k) => kernel(squared) * (weights?.[k] ?? 1))
          : weights;
        all.push({
          displacements: { rows: xi.rows, columns: d, values },
          weights: normalizedWeights(own, xi.rows, `row ${i}`),
          scores: scores.slice((i - from) * xi.rows, (i - from + 1) * xi.rows),
        });
      }
    }
    return all;
  }

  const size = neighborhoods.length;
  const fits = [];
  for (const [i, neighborhood] of neighborhoods.entries()) {
    const own = [];
    for (const { displacements, weights, scores: y } of await sampled(neighborhood, `fit ${i}`)) {
      await pause();
      using perturbations = shiftedPerturbations(displacements, true);
      const design = designOf(perturbations, weights);
      const [targets] = targetsOf(perturbations, [{ design, y }]);
      own.push(fitLinear(design, { targets, active, ridge, lasso: 0, intercept: true }));
    }
    fits.push(own);
  }
  const losses = new Float64Array(size * size);
  for (const [j, neighborhood] of neighborhoods.entries()) {
    const tests = await sampled(neighborhood, `test ${j}`);
    for (let i = 0; i < size; i++)
      for (const [row, { displacements, weights: pi, scores }] of tests.entries()) {
        const { weights, intercept } = fits[i][row];
        let sum = 0;
        for (let k = 0; k < scores.length; k++) {
          let error = scores[k] - intercept;
          for (let c = 0; c < d; c++) error -= weights[c] * displacements.values[k * d + c];
          sum += pi[k] * error * error;
        }
        losses[j * size + i] += Math.sqrt(sum) / n;
      }
  }
  return { rows: size, columns: size, values: losses };
}
