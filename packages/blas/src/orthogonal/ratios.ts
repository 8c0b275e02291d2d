// For tests: LAPACK's ratios of orthogonal factorizations.
import type { Matrix } from "../matrix.ts";
import { differenceOf, identityOf, oneNorm, productOf, ratio, transposeOf } from "../testing.ts";

/** ||error||_1 / (max(rows, columns) eps ||A||_1), computed on numbers that neither overflow nor underflow. */
export function scaledRatio(error: Matrix, a: Matrix): number {
  const size = a.values.reduce(
    (most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))),
    0,
  );
  const scaled = (x: Matrix) => ({ ...x, values: x.values.map((value) => value / (size || 1)) });
  return ratio(scaled(error), Math.max(a.rows, a.columns), oneNorm(scaled(a)) || 1);
}

/** ||Q^T Q - I||_1 / (rows eps). */
export function orthogonalityRatio(q: Matrix): number {
  return ratio(differenceOf(productOf(transposeOf(q), q), identityOf(q.columns)), q.rows, 1);
}
