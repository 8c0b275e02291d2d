import { syrk } from "@gradus/blas/dense";
import { DataError } from "../../check/errors.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { Scratch } from "../scratch.ts";

/** Perturbations with their weights, for least squares. */
export interface Design {
  /** N x d. */
  readonly xi: DenseMatrix;
  /** Weights pi, summing to 1. */
  readonly weights: Float64Array;
  /** sum_k pi_k xi_k where there is an intercept, else 0. */
  readonly center: Float64Array;
  /** sum_k pi_k (xi_k - center) (xi_k - center)^T; the lower triangle is filled. */
  readonly gram: DenseMatrix;
}

/**
 * Weights that sum to 1.
 *
 * @param where what has these weights, for the error
 * @throws DataError when all are 0
 */
export function normalizedWeights(
  weights: Float64Array | undefined,
  count: number,
  where: string,
): Float64Array {
  if (weights === undefined) return new Float64Array(count).fill(1 / count);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += weights[k];
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY))
    throw new DataError(
      `the weights of the neighborhood of ${where} sum to ${sum}; choose a larger width, or scale the features`,
    );
  const normalized = new Float64Array(count);
  for (let k = 0; k < count; k++) normalized[k] = weights[k] / sum;
  return normalized;
}

/**
 * The design of perturbations xi with weights that sum to 1.
 *
 * @param memory where sqrt(pi_k) (xi_k - center) are written
 */
export function designOf(
  perturbations: DenseMatrix,
  weights: Float64Array,
  intercept: boolean,
  memory: Scratch,
): Design {
  const { rows: count, columns: d, values: xi } = perturbations;
  const center = new Float64Array(d);
  if (intercept)
    for (let k = 0; k < count; k++) {
      const weight = weights[k];
      for (let j = 0; j < d; j++) center[j] += weight * xi[k * d + j];
    }
  const values = memory(count * d);
  for (let k = 0; k < count; k++) {
    const root = Math.sqrt(weights[k]);
    for (let j = 0; j < d; j++) values[k * d + j] = root * (xi[k * d + j] - center[j]);
  }
  const gram = syrk({ a: { rows: count, columns: d, values }, transpose: true });
  return { xi: perturbations, weights, center, gram };
}
