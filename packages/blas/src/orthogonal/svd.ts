import { BlasArgumentError, ConvergenceError } from "../errors.ts";
import { copyIn, type Matrix } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, checkOperand } from "../operand.ts";
import { checkOptions } from "../options.ts";
import { addressOf, ResidentMatrix } from "../resident.ts";
import { copyColumnsIn, matrixFromColumns } from "./columns.ts";
import { orthogonal } from "./family.ts";
import { bringIntoRange } from "./range.ts";

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
 * The thin singular value decomposition  A = U diag(s) V^T, by divide and conquer. DGESDD of LAPACK.
 *
 * @throws BlasArgumentError when A is not a matrix, or an entry is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function svd(options: { readonly a: AnyMatrix }): Svd {
  checkOptions(options, ["a"]);
  const { a } = options;
  checkOperand("a", a);
  const { rows, columns } = a;
  return withFrame(`a singular value decomposition of ${rows} x ${columns}`, (frame) => {
    const tall = tallMatrix(frame, a);
    const { left, right, s } = decompose(frame, tall);
    const [long, short] = [
      matrixFromColumns(frame, left, tall.m, tall.n),
      matrixFromColumns(frame, right, tall.n, tall.n),
    ];
    return rows < columns ? { u: short, s, v: long } : { u: long, s, v: short };
  });
}

/**
 * The singular values alone, descending, min(rows, columns) of them, by QR steps. DGESDD of LAPACK
 * without vectors.
 *
 * @throws BlasArgumentError when A is not a matrix, or an entry is not finite
 * @throws ConvergenceError, OutOfMemoryError
 */
export function singularValues(options: { readonly a: AnyMatrix }): Float64Array<ArrayBuffer> {
  checkOptions(options, ["a"]);
  const { a } = options;
  checkOperand("a", a);
  const { rows, columns } = a;
  return withFrame(`the singular values of ${rows} x ${columns}`, (frame) => {
    const { address, m, n, scale } = tallMatrix(frame, a);
    const { values, beside } = bidiagonalize(frame, address, m, n);
    checkConverged(orthogonal().bdsqr(n, values, beside, 0, 0, 0, 0, 0, 0));
    return valuesOut(frame, values, n, scale);
  });
}

/** @throws ConvergenceError unless the compiled function returned 0 */
function checkConverged(code: number): void {
  if (code !== 0) throw new ConvergenceError("the singular values did not converge");
}

/** A copy of A, or of its transpose where it has more columns than rows, by columns: m x n, m >= n, divided by `scale`. */
interface Tall {
  readonly address: number;
  readonly m: number;
  readonly n: number;
  readonly scale: number;
}

/** @throws BlasArgumentError naming an entry that is not finite */
function tallMatrix(frame: Frame, a: AnyMatrix): Tall {
  const { rows, columns } = a;
  const wide = rows < columns;
  const [m, n] = wide ? [columns, rows] : [rows, columns];
  const address = wide ? copyRowsIn(frame, a) : copyColumnsIn(frame, a);
  const scale = bringIntoRange(frame, address, m * n);
  if (!Number.isFinite(scale)) {
    const entries = frame.heap.numbers.subarray(address / 8, address / 8 + m * n);
    const at = entries.findIndex((entry) => !Number.isFinite(entry));
    const [line, place] = [Math.floor(at / m), at % m];
    const [i, j] = wide ? [line, place] : [place, line];
    throw new BlasArgumentError(`a must be finite, got ${entries[at]} in row ${i}, column ${j}`);
  }
  return { address, m, n, scale };
}

/** The address of a copy row by row, which are the columns of the transpose. */
function copyRowsIn(frame: Frame, a: AnyMatrix): number {
  if (!(a instanceof ResidentMatrix)) return copyIn(frame, a);
  const from = addressOf(a) / 8;
  const address = frame.numbers(a.rows * a.columns);
  frame.heap.numbers.copyWithin(address / 8, from, from + a.rows * a.columns);
  return address;
}

/** Singular values out of the heap, multiplied by a factor. */
function valuesOut(frame: Frame, address: number, n: number, factor: number): Float64Array<ArrayBuffer> {
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

/** U, m x n, and V by columns in the heap. */
function decompose(
  frame: Frame,
  { address: a, m, n, scale }: Tall,
): { left: number; right: number; s: Float64Array } {
  const { applyReflections, reflectionsWorkspace, bdsdc, bdsdcWorkspace } = orthogonal();
  const B = bidiagonalize(frame, a, m, n);
  const left = frame.numbers(m * n);
  const right = frame.numbers(n * n);
  const solver = frame.bytes(bdsdcWorkspace(n));
  const work = frame.bytes(reflectionsWorkspace(m, n));
  frame.heap.numbers.fill(0, left / 8, left / 8 + m * n);
  checkConverged(bdsdc(n, 0, B.values, B.beside, left, 8 * m, right, 8 * n, solver));
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
  return { left, right, s: valuesOut(frame, B.values, n, scale) };
}
