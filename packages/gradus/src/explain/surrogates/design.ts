import { DataError } from "../../check/errors.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { closerPerturbations, type ShiftedPerturbations } from "./shifted.ts";

/** A variance of less than this share of the mean square about the origin has lost too many digits. */
const LEAST_SHARE = 1 / 16;

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
 * @param memory where they are written, `weights` itself where these are no longer needed; new by default
 * @throws DataError when all are 0
 */
export function normalizedWeights(
  weights: Float64Array | undefined,
  count: number,
  where: string,
  memory?: Float64Array,
): Float64Array {
  if (weights === undefined) return new Float64Array(count).fill(1 / count);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += weights[k];
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY))
    throw new DataError(
      `the weights of the neighborhood of ${where} sum to ${sum}; choose a larger width, or scale the features`,
    );
  const normalized = memory ?? new Float64Array(count);
  for (let k = 0; k < count; k++) normalized[k] = weights[k] / sum;
  return normalized;
}

/**
 * The design of perturbations with weights that sum to 1. With s = sum_k pi_k (xi_k - origin) its center is origin + s, and
 *
 *     sum_k pi_k (xi_k - center) (xi_k - center)^T  =  sum_k pi_k (xi_k - origin) (xi_k - origin)^T  -  s s^T
 *
 * where s is small beside the spread; otherwise the center becomes the origin.
 */
export function designOf(perturbations: ShiftedPerturbations, weights: Float64Array): Design {
  const { xi, centered, origin, rows } = perturbations;
  const d = xi.columns;
  const moments = rows.weightedGram(weights);
  const sums = moments.subarray(d * (d + 1));
  const values = new Float64Array(d * d);
  let spread = true;
  for (let i = 0; i < d; i++) {
    const at = i * (d + 1);
    const shift = centered ? sums[i] : 0;
    for (let j = 0; j <= i; j++) values[i * d + j] = moments[at + j] - shift * sums[j];
    if (values[i * (d + 1)] < LEAST_SHARE * moments[at + i]) spread = false;
  }
  const center = centered ? origin.map((value, j) => value + sums[j]) : origin;
  const design = { xi, weights, center, gram: { rows: d, columns: d, values } };
  if (spread) return design;
  using closer = closerPerturbations(xi, center);
  const own = designOf(closer, weights);
  return { ...design, gram: own.gram };
}
