import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { ImmediatePointFunction, PointFunction } from "../processes/contract.ts";
import { scoreFromDenoised } from "../processes/marginals.ts";
import { isTruncated, type ScoreRegression } from "./regression.ts";

/** An estimated score with the estimate of the clean points that it comes from. */
export interface ScoreEstimate<F extends PointFunction = PointFunction> {
  /** f(t, x), n x d. */
  readonly denoised: F;
  /** s(t, x) = (alpha f(t, x) - x) / h, n x d. */
  readonly score: F;
}

/** Overwrites the estimates at points beyond the truncation radius with 0. */
export function truncateEstimates(radius: number, points: DenseMatrix, f: Float64Array): Float64Array {
  if (radius === Number.POSITIVE_INFINITY) return f;
  const { rows, columns } = points;
  for (let i = 0; i < rows; i++)
    if (isTruncated(points, i, radius)) f.fill(0, i * columns, (i + 1) * columns);
  return f;
}

/** The estimate of a function of the inputs z, D numbers a row to d numbers a row. */
export function estimateOf(
  { process, truncationRadius, features }: ScoreRegression,
  f: (inputs: DenseMatrix) => Float64Array,
): ScoreEstimate<ImmediatePointFunction> {
  const denoised: ImmediatePointFunction = (times, points) => ({
    rows: points.rows,
    columns: points.columns,
    values: truncateEstimates(truncationRadius, points, f(features(times, points))),
  });
  return {
    denoised,
    score: (times, points) => scoreFromDenoised(process, denoised(times, points), times, points),
  };
}
