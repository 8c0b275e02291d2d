import { ArgumentError } from "../../check/errors.ts";
import { checkOneOf } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { norm2 } from "../../linalg/vector.ts";

/** How far two attributions are from each other: sum of |a_j - b_j|, or 1 - cos(a, b). */
export type AttributionMetric = "l1" | "cosine";

/** Distances between the attributions of the same rows. */
export interface AttributionDistance {
  /** Over the rows that have a distance; NaN where none has. */
  readonly mean: number;
  /** One a row; NaN where the cosine has no value because an attribution is all zeros. */
  readonly distances: Float64Array;
  /** Rows without a distance. */
  readonly excluded: number;
}

/** 1 - cos(a, b) as ||a/|a| - b/|b| ||^2 / 2, which does not cancel for parallel vectors. */
function cosineDistance(a: Float64Array, b: Float64Array): number {
  const [sizeA, sizeB] = [norm2(a), norm2(b)];
  if (sizeA === 0 || sizeB === 0) return Number.NaN;
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] / sizeA - b[j] / sizeB) ** 2;
  return sum / 2;
}

/**
 * The distance between attributions of the same rows, and its mean. Attributions of the additive and the multiplicative
 * family have different units: compare them by cosine, if at all.
 *
 * @param a n x d
 * @param b n x d
 * @throws ArgumentError when the shapes differ or the metric is unknown
 * @throws DataError naming an attribution that is not finite
 */
export function attributionDistance(
  a: DenseMatrix,
  b: DenseMatrix,
  metric: AttributionMetric,
): AttributionDistance {
  checkOneOf(["l1", "cosine"], { metric });
  checkFiniteDense("a", a);
  checkFiniteDense("b", b);
  if (a.rows !== b.rows || a.columns !== b.columns)
    throw new ArgumentError(
      `a and b must have the same shape, got ${a.rows} x ${a.columns} and ${b.rows} x ${b.columns}`,
    );
  const d = a.columns;
  const distances = Float64Array.from({ length: a.rows }, (_, i) => {
    const [u, v] = [a, b].map(({ values }) => values.subarray(i * d, (i + 1) * d));
    return metric === "l1"
      ? u.reduce((sum, value, j) => sum + Math.abs(value - v[j]), 0)
      : cosineDistance(u, v);
  });
  const defined = distances.filter((distance) => !Number.isNaN(distance));
  const mean = defined.reduce((sum, distance) => sum + distance, 0) / defined.length;
  return { mean, distances, excluded: a.rows - defined.length };
}

/**
 * Mean distances of each of some attributions to each of others, or to each other: how far explanations agree.
 *
 * @param left attributions of the same rows, n x d each
 * @param right the same by default
 * @returns left.length x right.length; NaN where no row has a distance
 * @throws ArgumentError, DataError as `attributionDistance`
 */
export function distanceMatrix(
  left: readonly DenseMatrix[],
  metric: AttributionMetric,
  right: readonly DenseMatrix[] = left,
): DenseMatrix {
  const values = new Float64Array(left.length * right.length);
  left.forEach((a, i) => {
    right.forEach((b, j) => {
      values[i * right.length + j] = attributionDistance(a, b, metric).mean;
    });
  });
  return { rows: left.length, columns: right.length, values };
}
