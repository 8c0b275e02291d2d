import { qrApplyAdjoint, qrFactorize } from "../../linalg/factorize/qr.ts";
import { denseMatrix } from "../../linalg/matrix.ts";

/** Columns of R shorter than this share of the first count as dependent. */
const DEPENDENT = Number.EPSILON;

/**
 * A d with the least ||A d - b||, by QR with column pivoting: the basic solution, zero in dependent columns, where A is
 * not of full rank.
 *
 * @param A rows x columns, row-major
 */
export function linearLeastSquares(
  A: Float64Array,
  b: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const F = qrFactorize(denseMatrix(A, rows, columns), { pivoting: true });
  const c = qrApplyAdjoint(F, b.slice());
  const { packed, permutation } = F;
  const most = Math.min(rows, columns);
  const first = Math.abs(packed[0]);
  let rank = 0;
  while (rank < most && Math.abs(packed[rank * rows + rank]) > DEPENDENT * Math.max(rows, columns) * first)
    rank += 1;
  const d = new Float64Array(columns);
  for (let i = rank - 1; i >= 0; i--) {
    let sum = c[i];
    for (let j = i + 1; j < rank; j++) sum -= packed[j * rows + i] * d[permutation[j]];
    d[permutation[i]] = sum / packed[i * rows + i];
  }
  return d;
}
