import { BlasArgumentError } from "../errors.ts";
import { checkMatrix, checkVector, leadingDimension, type Matrix } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { type AnyMatrix, checkOperand } from "../operand.ts";
import { checkOptions } from "../options.ts";
import { copyColumnsIn, matrixFromColumns } from "./columns.ts";
import { orthogonal } from "./family.ts";
import { inOrder } from "./pivoted-columns.ts";

/** A P = Q R, Q as a product of Householder reflections  I - tau_k v_k v_k^T,  k < min(rows, columns). */
export interface QrFactors {
  readonly rows: number;
  readonly columns: number;
  /** Column j of A P: R on and above the diagonal, the tail of v_j (whose head is 1) below; columns of `rows` each. */
  readonly packed: Float64Array;
  readonly tau: Float64Array;
  /** Column j of A P is column permutation[j] of A. */
  readonly permutation: Int32Array;
}

/**
 * The QR factorization by Householder reflections, in blocks. NaN and infinity propagate. DGEQRF of LAPACK.
 *
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function qr(options: { readonly a: AnyMatrix }): QrFactors {
  return factor(options, false);
}

/**
 * The QR factorization with column pivoting: each step takes the column with the longest remainder, so that |R_kk|
 * descends and reveals the rank. NaN and infinity propagate. DGEQP3 of LAPACK.
 *
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function pivotedQr(options: { readonly a: AnyMatrix }): QrFactors {
  return factor(options, true);
}

function factor(options: { readonly a: AnyMatrix }, pivoting: boolean): QrFactors {
  checkOptions(options, ["a"]);
  const { a } = options;
  checkOperand("a", a);
  const { rows, columns } = a;
  const steps = Math.min(rows, columns);
  return withFrame(`a QR factorization of ${rows} x ${columns}`, (frame) => {
    const { geqrf, geqrfWorkspace, geqp3, geqp3Workspace } = orthogonal();
    const packed = copyColumnsIn(frame, a);
    const tau = frame.numbers(steps);
    let permutation: Int32Array;
    if (pivoting) {
      const order = frame.bytes(4 * columns);
      const work = frame.bytes(geqp3Workspace(rows, columns));
      geqp3(rows, columns, packed, 8 * rows, tau, order, work);
      permutation = new Int32Array(frame.heap.memory.buffer, order, columns).slice();
    } else {
      geqrf(rows, columns, packed, 8 * rows, tau, frame.bytes(geqrfWorkspace(rows, columns)));
      permutation = inOrder(columns);
    }
    const { numbers } = frame.heap;
    return {
      rows,
      columns,
      packed: numbers.slice(packed / 8, packed / 8 + rows * columns),
      tau: numbers.slice(tau / 8, tau / 8 + steps),
      permutation,
    };
  });
}

function checkFactors(factors: QrFactors): void {
  if (!factors) throw new BlasArgumentError(`factors must be those of a matrix, got ${factors}`);
  const { rows, columns, packed, tau } = factors;
  checkVector("factors.packed", packed, rows * columns);
  checkVector("factors.tau", tau, Math.min(rows, columns));
}

/**
 * The first columns of Q. DORGQR of LAPACK.
 *
 * @param options.columns how many, at most `rows`; min(rows, columns of A) unless given
 * @returns rows x columns, with orthonormal columns
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function formQ(options: { readonly factors: QrFactors; readonly columns?: number }): Matrix {
  checkOptions(options, ["factors", "columns"]);
  const { factors } = options;
  checkFactors(factors);
  const { rows } = factors;
  const { columns = Math.min(rows, factors.columns) } = options;
  if (!Number.isInteger(columns) || columns < 0 || columns > rows)
    throw new BlasArgumentError(
      `columns must be an integer from 0 to ${rows} (the number of rows), got ${columns}`,
    );
  return withFrame(`Q, ${rows} x ${columns}`, (frame) => {
    const q = frame.numbers(rows * columns);
    const { numbers } = frame.heap;
    numbers.fill(0, q / 8, q / 8 + rows * columns);
    for (let j = 0; j < columns; j++) numbers[q / 8 + j * rows + j] = 1;
    reflect(frame, factors, { address: q, columns, transpose: false, identity: true });
    return matrixFromColumns(frame, q, rows, columns);
  });
}

/** C <- Q C  or  Q^T C  of columns in the heap; where C is the identity, only Q C. */
function reflect(
  frame: Frame,
  factors: QrFactors,
  c: { address: number; columns: number; transpose: boolean; identity: boolean },
): void {
  const { applyReflections, reflectionsWorkspace } = orthogonal();
  const { rows } = factors;
  const count = Math.min(factors.tau.length, c.identity ? c.columns : rows);
  const v = frame.copy(factors.packed.subarray(0, rows * count));
  const tau = frame.copy(factors.tau);
  const work = frame.bytes(reflectionsWorkspace(rows, c.columns));
  const [transposed, identity] = [Number(c.transpose), Number(c.identity)];
  applyReflections(
    ...([count, rows, v, 8 * rows, tau, transposed, c.columns, c.address, 8 * rows] as const),
    ...([identity, work] as const),
  );
}

/**
 * C <- Q C,  or  Q^T C, in place. DORMQR of LAPACK.
 *
 * @param options.c as many rows as A
 * @returns c
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function applyQ(options: {
  readonly factors: QrFactors;
  readonly c: Matrix;
  /** Whether Q^T stands in Q's place. */
  readonly transpose?: boolean;
}): Matrix {
  checkOptions(options, ["factors", "c", "transpose"]);
  const { factors, c, transpose = false } = options;
  checkFactors(factors);
  checkMatrix("c", c);
  const { rows } = factors;
  const { columns } = c;
  if (c.rows !== rows) throw new BlasArgumentError(`c must have ${rows} rows, got ${c.rows}`);
  return withFrame(`Q times ${rows} x ${columns}`, (frame) => {
    const address = copyColumnsIn(frame, c);
    reflect(frame, factors, { address, columns, transpose, identity: false });
    const { values } = matrixFromColumns(frame, address, rows, columns);
    const stride = leadingDimension(c);
    for (let i = 0; i < rows; i++) c.values.set(values.subarray(i * columns, (i + 1) * columns), i * stride);
    return c;
  });
}

/** The upper triangular or trapezoidal R, min(rows, columns) x columns. */
export function upperFactor(options: { readonly factors: QrFactors }): Matrix {
  checkOptions(options, ["factors"]);
  const { factors } = options;
  checkFactors(factors);
  const { rows, columns, packed, tau } = factors;
  const values = new Float64Array(tau.length * columns);
  for (let i = 0; i < tau.length; i++)
    for (let j = i; j < columns; j++) values[i * columns + j] = packed[j * rows + i];
  return { rows: tau.length, columns, values };
}
