import { BlasArgumentError } from "../errors.ts";
import { checkMatrix, type Matrix, zeros } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, checkOperand } from "../operand.ts";
import { checkOptions } from "../options.ts";
import { copyColumnsIn, matrixFromColumns } from "./columns.ts";
import { orthogonal } from "./family.ts";
import { applyQ, type QrFactors, qr } from "./qr.ts";
import { bringIntoRange, timesRatio } from "./range.ts";
import { type RevealedQr, revealRank } from "./sketched-pivots.ts";

/** What `leastSquares` returns. */
export interface LeastSquares {
  /** columns of A x columns of B. */
  readonly x: Matrix;
  /** The numerical rank of A. */
  readonly rank: number;
}

/**
 * X with the least ||A X - B||, the shortest where A does not have full column rank, by QR with column pivoting that
 * stops at the rank (large matrices take a block's pivots from a sketch with a fixed seed), and a complete orthogonal
 * decomposition. NaN and infinity in B propagate. DGELSY of LAPACK.
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
  checkOptions(options, ["a", "b", "relativeCutoff"]);
  const { a, b } = options;
  checkOperand("a", a);
  const { rows, columns } = a;
  const { relativeCutoff = Math.max(rows, columns) * Number.EPSILON } = options;
  if (typeof relativeCutoff !== "number" || !(relativeCutoff >= 0 && relativeCutoff < 1))
    throw new BlasArgumentError(`relativeCutoff must be in [0, 1), got ${relativeCutoff}`);
  if (ArrayBuffer.isView(b) || Array.isArray(b))
    throw new BlasArgumentError(
      "b must be a matrix, one right-hand side a column, got an array; { rows, columns: 1, values: b } is one of it",
    );
  checkMatrix("b", b);
  if (b.rows !== rows) throw new BlasArgumentError(`b must have ${rows} rows, got ${b.rows}`);
  const { factored, upper, right, scale } = withFrame(
    `a least-squares problem of ${rows} x ${columns}`,
    (frame) => {
      const address = copyColumnsIn(frame, a);
      const scaleA = bringIntoRange(frame, address, rows * columns);
      if (!Number.isFinite(scaleA)) refuse(frame, address, rows);
      const revealed = revealRank(frame, { address, rows, columns }, relativeCutoff);
      const { values, scale: scaleB } = reflected(frame, address, revealed, b);
      return {
        factored: revealed,
        upper: leadingRows(frame, address, { rows, columns }, revealed.rank),
        right: values,
        scale: { times: scaleB, over: scaleA },
      };
    },
  );
  const { rank, permutation } = factored;
  const sides = b.columns;
  const solution = rank === columns ? solveUpper(upper, right) : shortest(upper, right);
  if (scale.times !== 1 || scale.over !== 1)
    for (let k = 0; k < solution.length; k++) solution[k] = timesRatio(solution[k], scale.times, scale.over);
  const x = zeros(columns, sides);
  for (let j = 0; j < columns; j++)
    x.values.set(solution.subarray(j * sides, (j + 1) * sides), permutation[j] * sides);
  return { x, rank };
}

/** @throws BlasArgumentError naming the first entry, column by column, that is not finite */
function refuse(frame: Frame, address: number, rows: number): never {
  const entries = frame.heap.numbers.subarray(address / 8);
  const at = entries.findIndex((entry) => !Number.isFinite(entry));
  const [i, j] = [at % rows, Math.floor(at / rows)];
  throw new BlasArgumentError(`a must be finite, got ${entries[at]} in row ${i}, column ${j}`);
}

/** The transpose of R's first `rank` rows: columns x rank. */
function leadingRows(
  frame: Frame,
  address: number,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  rank: number,
): Matrix {
  const leading = zeros(columns, rank);
  const { numbers } = frame.heap;
  for (let j = 0; j < columns; j++) {
    const at = address / 8 + j * rows;
    leading.values.set(numbers.subarray(at, at + Math.min(j + 1, rank)), j * rank);
  }
  return leading;
}

/** The first `rank` rows of Q^T B, divided by `scale`. */
function reflected(
  frame: Frame,
  address: number,
  { tau, rank }: RevealedQr,
  b: Matrix,
): { readonly values: Matrix; readonly scale: number } {
  const { applyReflections, reflectionsWorkspace } = orthogonal();
  const { rows, columns } = b;
  const c = copyColumnsIn(frame, b);
  const found = bringIntoRange(frame, c, rows * columns);
  const work = frame.bytes(reflectionsWorkspace(rows, columns));
  applyReflections(...([rank, rows, address, 8 * rows, tau, 1, columns, c, 8 * rows, 0, work] as const));
  const { values } = matrixFromColumns(frame, c, rows, columns);
  return {
    values: { rows: rank, columns, values: values.subarray(0, rank * columns) },
    // what is not finite propagates as it is
    scale: Number.isFinite(found) ? found : 1,
  };
}

/** C <- R^-1 C, from R's transpose. */
function solveUpper({ values: upper }: Matrix, { rows: n, columns, values }: Matrix): Float64Array {
  for (let i = n - 1; i >= 0; i--) {
    const solved = values.subarray(i * columns, (i + 1) * columns);
    for (let c = 0; c < columns; c++) solved[c] /= upper[i * n + i];
    for (let l = 0; l < i; l++) subtract(values, l, upper[i * n + l], solved);
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

/** Row l minus a multiple of another row. */
function subtract(values: Float64Array, l: number, factor: number, row: Float64Array): void {
  const at = l * row.length;
  for (let c = 0; c < row.length; c++) values[at + c] -= factor * row[c];
}

/** The shortest Y with  R Y = C  for the leading rows of R, whose transpose is Z T. */
function shortest(upper: Matrix, c: Matrix): Float64Array {
  const factors = qr({ a: upper });
  const y = zeros(upper.rows, c.columns);
  y.values.set(solveTransposed(factors, c));
  return applyQ({ factors, c: y }).values;
}
