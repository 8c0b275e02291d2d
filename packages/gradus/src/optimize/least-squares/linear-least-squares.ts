import { extremeUnit } from "../../linalg/extreme-unit.ts";
import { qrApplyAdjoint, qrFactorize } from "../../linalg/factorize/qr.ts";
import { denseMatrix } from "../../linalg/matrix.ts";

/** Columns of R shorter than this share of the first count as dependent. */
const DEPENDENT = Number.EPSILON;
/** Columns whose largest entries lie within this factor of 1 are of one size. */
const ONE_SIZE = 1e3;

/** Powers of two that bring columns of other sizes near 1, without rounding. */
function columnUnits(A: Float64Array, columns: number): Float64Array<ArrayBuffer> {
  const units = new Float64Array(columns);
  for (let k = 0; k < A.length; k++) units[k % columns] = Math.max(units[k % columns], Math.abs(A[k]));
  return units.map((largest) => extremeUnit(largest, ONE_SIZE));
}

/**
 * A d with the least ||A d - b||, by QR with column pivoting: the basic solution, zero in dependent columns, where A is
 * not of full rank. Columns are brought to one size first, so that the units of d do not say which are dependent.
 *
 * @param A rows x columns, row-major
 */
export function linearLeastSquares(
  A: Float64Array,
  b: Float64Array,
  rows: number,
  columns: number,
): Float64Array<ArrayBuffer> {
  const units = columnUnits(A, columns);
  const even = A.map((entry, k) => entry / units[k % columns]);
  const F = qrFactorize(denseMatrix(even, rows, columns), { pivoting: true });
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
  return d.map((dj, j) => dj / units[j]);
}
