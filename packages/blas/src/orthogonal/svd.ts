import { copyIn, type Matrix } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, checkOperand } from "../operand.ts";
import { addressOf, ResidentMatrix } from "../resident.ts";
import { copyColumnsIn, matrixFromColumns } from "./columns.ts";
import { orthogonal } from "./family.ts";

/** A = U diag(s) V^T with k = min(rows, columns) triplets. */
export interface Svd {
  /** rows x k, orthonormal columns. */
  readonly u: Matrix;
  /** k singular values, descending. */
  readonly s: Float64Array;
  /** columns x k, orthonormal columns: V, not its transpose. */
  readonly v: Matrix;
}

/**
 * The thin singular value decomposition  A = U diag(s) V^T, by divide and conquer. Where A holds NaN or infinity, all of
 * the result is NaN. DGESDD of LAPACK.
 *
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function svd({ a }: { readonly a: AnyMatrix }): Svd {
  checkOperand("a", a);
  const { rows, columns } = a;
  return withFrame(`a singular value decomposition of ${rows} x ${columns}`, (frame) => {
    const wide = rows < columns;
    const [m, n] = wide ? [columns, rows] : [rows, columns];
    const { left, right, s } = decompose(frame, tallColumns(frame, a), m, n);
    const [u, v] = [matrixFromColumns(frame, left, m, n), matrixFromColumns(frame, right, n, n)];
    return wide ? { u: v, s, v: u } : { u, s, v };
  });
}

/**
 * The singular values alone, descending, min(rows, columns) of them, by QR steps. Where A holds NaN or infinity, all are
 * NaN. DGESDD of LAPACK without vectors.
 *
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function singularValues({ a }: { readonly a: AnyMatrix }): Float64Array {
  checkOperand("a", a);
  const { rows, columns } = a;
  return withFrame(`the singular values of ${rows} x ${columns}`, (frame) => {
    const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
    const matrix = tallColumns(frame, a);
    const factor = scaleToUnit(frame, matrix, m * n);
    const { values, beside } = bidiagonalize(frame, matrix, m, n);
    const failed = orthogonal().bdsqr(n, values, beside, 0, 0, 0, 0, 0, 0);
    return valuesOut(frame, values, n, failed === 0 ? factor : Number.NaN);
  });
}

/** The address of A, or of its transpose where it has more columns than rows, column by column. */
function tallColumns(frame: Frame, a: AnyMatrix): number {
  if (a.rows >= a.columns) return copyColumnsIn(frame, a);
  // the rows of A are the columns of its transpose
  if (!(a instanceof ResidentMatrix)) return copyIn(frame, a);
  const from = addressOf(a) / 8;
  return frame.copy(frame.heap.numbers.slice(from, from + a.rows * a.columns));
}

/** Sizes at which squares, and what is added to them, neither overflow nor underflow. */
const [SMALLEST, LARGEST] = [1e-130, 1e130];

/**
 * Divides by the largest size where that is far from 1.
 *
 * @returns by what singular values are to be multiplied; NaN where not all numbers are finite
 */
function scaleToUnit(frame: Frame, address: number, count: number): number {
  const values = frame.heap.numbers.subarray(address / 8, address / 8 + count);
  let largest = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (!(size <= largest)) largest = size;
    if (!(size < Number.POSITIVE_INFINITY)) return Number.NaN;
  }
  if (largest === 0 || (largest >= SMALLEST && largest <= LARGEST)) return 1;
  for (let i = 0; i < count; i++) values[i] /= largest;
  return largest;
}

/** Singular values out of the heap, multiplied by a factor. */
function valuesOut(frame: Frame, address: number, n: number, factor: number): Float64Array {
  const s = frame.heap.numbers.slice(address / 8, address / 8 + n);
  return factor === 1 ? s : s.map((value) => value * factor);
}

/** Rows over columns from which a QR factorization first pays: LAPACK's 11/6. */
const TALL = 11 / 6;

/** A = Q B P^T in the heap, or  Q_0 Q B P^T  where A is tall. */
interface Bidiagonal {
  /** The diagonal of B and what stands right of it. */
  readonly values: number;
  readonly beside: number;
  /** Left reflections of `leftRows` rows and their factors, right ones by rows. */
  readonly left: number;
  readonly leftRows: number;
  readonly tauLeft: number;
  readonly right: number;
  readonly tauRight: number;
  /** Factors of the reflections Q_0, which are then where A was. */
  readonly tauFirst?: number;
}

/** Reduces m x n, m >= n, to bidiagonal form, in place. */
function bidiagonalize(frame: Frame, a: number, m: number, n: number): Bidiagonal {
  const { geqrf, geqrfWorkspace, gebrd, gebrdWorkspace } = orthogonal();
  const tall = m >= TALL * n && m > n;
  let left = a;
  let tauFirst: number | undefined;
  if (tall) {
    tauFirst = frame.numbers(n);
    geqrf(m, n, a, 8 * m, tauFirst, frame.bytes(geqrfWorkspace(m, n)));
    left = frame.numbers(n * n);
    const { numbers } = frame.heap;
    numbers.fill(0, left / 8, left / 8 + n * n);
    for (let j = 0; j < n; j++) numbers.copyWithin(left / 8 + j * n, a / 8 + j * m, a / 8 + j * m + j + 1);
  }
  const leftRows = tall ? n : m;
  const [values, beside, tauLeft, tauRight] = [0, 0, 0, 0].map(() => frame.numbers(n));
  const right = frame.numbers(n * n);
  const work = frame.bytes(gebrdWorkspace(leftRows, n));
  gebrd(
    ...([leftRows, n, left, 8 * leftRows, values, beside, tauLeft, right, 8 * n, tauRight, work] as const),
  );
  return { values, beside, left, leftRows, tauLeft, right, tauRight, tauFirst };
}

/** U, m x n, and V by columns in the heap, of m x n with m >= n. */
function decompose(
  frame: Frame,
  a: number,
  m: number,
  n: number,
): { left: number; right: number; s: Float64Array } {
  const { applyReflections, reflectionsWorkspace, bdsdc, bdsdcWorkspace } = orthogonal();
  const factor = scaleToUnit(frame, a, m * n);
  const B = bidiagonalize(frame, a, m, n);
  const left = frame.numbers(m * n);
  const right = frame.numbers(n * n);
  const solver = frame.bytes(bdsdcWorkspace(n));
  const work = frame.bytes(reflectionsWorkspace(m, n));
  frame.heap.numbers.fill(0, left / 8, left / 8 + m * n);
  const failed = bdsdc(n, 0, B.values, B.beside, left, 8 * m, right, 8 * n, solver);
  const reflect = (
    k: number,
    rows: number,
    v: number,
    column: number,
    tau: number,
    c: number,
    step: number,
  ) => applyReflections(k, rows, v, column, tau, 0, n, c, step, 0, work);
  reflect(n, B.leftRows, B.left, 8 * B.leftRows, B.tauLeft, left, 8 * m);
  if (B.tauFirst !== undefined) reflect(n, m, a, 8 * m, B.tauFirst, left, 8 * m);
  if (n > 1) reflect(n - 1, n - 1, B.right + 8, 8 * n, B.tauRight, right + 8, 8 * n);
  const scale = failed === 0 ? factor : Number.NaN;
  if (Number.isNaN(scale)) {
    const { numbers } = frame.heap;
    numbers.fill(Number.NaN, left / 8, left / 8 + m * n);
    numbers.fill(Number.NaN, right / 8, right / 8 + n * n);
  }
  return { left, right, s: valuesOut(frame, B.values, n, scale) };
}
