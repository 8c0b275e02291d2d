import { BlasArgumentError } from "../errors.ts";
import { checkMatrix, leadingDimension, type Matrix, zeros } from "../matrix.ts";
import type { AnyMatrix } from "../operand.ts";
import { applyQ, pivotedQr, type QrFactors, qr } from "./qr.ts";

/** What `leastSquares` returns. */
export interface LeastSquares {
  /** columns of A x columns of B. */
  readonly x: Matrix;
  /** The numerical rank of A. */
  readonly rank: number;
}

/**
 * X with the least ||A X - B||, the shortest where A does not have full column rank, by QR with column pivoting.
 * NaN and infinity in B propagate. DGELSY of LAPACK.
 *
 * @param options.b as many rows as A, one right-hand side a column; kept
 * @param options.relativeCutoff |R_kk| up to this share of |R_00| counts as 0; max(rows, columns) eps unless given
 * @throws BlasArgumentError when something does not fit, or an entry of A is not finite
 * @throws OutOfMemoryError
 */
export function leastSquares(options: {
  readonly a: AnyMatrix;
  readonly b: Matrix;
  readonly relativeCutoff?: number;
}): LeastSquares {
  const { a, b } = options;
  const { rows, columns } = a;
  const { relativeCutoff = Math.max(rows, columns) * Number.EPSILON } = options;
  if (!(relativeCutoff >= 0 && relativeCutoff < 1))
    throw new BlasArgumentError(`relativeCutoff must be in [0, 1), got ${relativeCutoff}`);
  checkMatrix("b", b);
  if (b.rows !== rows) throw new BlasArgumentError(`b must have ${rows} rows, got ${b.rows}`);
  const factors = pivotedQr({ a });
  const sides = b.columns;
  const x = zeros(columns, sides);
  if (!factors.packed.every(Number.isFinite)) throw new BlasArgumentError("a must be finite");
  const rank = rankOf(factors, relativeCutoff);
  const c = zeros(rows, sides);
  for (let i = 0; i < rows; i++) {
    const from = i * leadingDimension(b);
    c.values.set(b.values.subarray(from, from + sides), i * sides);
  }
  applyQ({ factors, c, transpose: true });
  const right = { rows: rank, columns: sides, values: c.values.subarray(0, rank * sides) };
  const solution = rank === columns ? solveUpper(factors, right) : shortest(factors, right);
  for (let j = 0; j < columns; j++)
    x.values.set(solution.subarray(j * sides, (j + 1) * sides), factors.permutation[j] * sides);
  return { x, rank };
}

function rankOf({ rows, packed, tau }: QrFactors, relativeCutoff: number): number {
  const cutoff = relativeCutoff * Math.abs(packed[0]);
  let rank = 0;
  while (rank < tau.length && Math.abs(packed[rank * rows + rank]) > cutoff) rank += 1;
  return rank;
}

/** C <- R^-1 C, R the upper triangle of so many rows. */
function solveUpper({ rows, packed }: QrFactors, { rows: n, columns, values }: Matrix): Float64Array {
  for (let i = n - 1; i >= 0; i--) {
    const solved = values.subarray(i * columns, (i + 1) * columns);
    for (let c = 0; c < columns; c++) solved[c] /= packed[i * rows + i];
    for (let l = 0; l < i; l++) subtract(values, l, packed[i * rows + l], solved);
  }
  return values;
}

/** C <- R^-T C. */
function solveTransposed({ rows, packed }: QrFactors, { rows: n, columns, values }: Matrix): Float64Array {
  for (let i = 0; i < n; i++) {
    const solved = values.subarray(i * columns, (i + 1) * columns);
    for (let l = 0; l < i; l++) {
      const factor = packed[i * rows + l];
      for (let c = 0; c < columns; c++) solved[c] -= factor * values[l * columns + c];
    }
    for (let c = 0; c < columns; c++) solved[c] /= packed[i * rows + i];
  }
  return values;
}

/** Row l less so many times another row. */
function subtract(values: Float64Array, l: number, factor: number, row: Float64Array): void {
  const at = l * row.length;
  for (let c = 0; c < row.length; c++) values[at + c] -= factor * row[c];
}

/** The shortest Y with  R Y = C  for the leading rows of R, whose transpose is Z T. */
function shortest({ rows, columns, packed }: QrFactors, c: Matrix): Float64Array {
  const { rows: rank, columns: sides } = c;
  const leading = zeros(columns, rank);
  for (let j = 0; j < columns; j++)
    leading.values.set(packed.subarray(j * rows, j * rows + Math.min(j + 1, rank)), j * rank);
  const factors = qr({ a: leading });
  const y = zeros(columns, sides);
  y.values.set(solveTransposed(factors, c));
  return applyQ({ factors, c: y }).values;
}
