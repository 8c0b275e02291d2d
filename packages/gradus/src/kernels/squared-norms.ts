import { rowSquares } from "@gradus/blas/kernels";
import { DataError } from "../check/errors.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";

/**
 * Squared norms of the rows.
 *
 * @throws DataError naming a row whose squared norm overflows float64
 */
export function squaredNorms(name: string, points: DenseMatrix): Float64Array<ArrayBuffer> {
  const norms = rowSquares(points);
  const wrong = norms.indexOf(Number.POSITIVE_INFINITY);
  if (wrong >= 0)
    throw new DataError(
      `${name} must have rows of finite squared norm, got ${norms[wrong]} in row ${wrong}: scale the rows down`,
    );
  return norms;
}
