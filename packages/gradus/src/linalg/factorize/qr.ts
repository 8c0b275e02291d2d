import { checkLength } from "../../check/arrays.ts";
import { checkOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../matrix.ts";

/** A P = Q R, Q as a product of Householder reflections I - tau_k v_k v_k^T, k < min(rows, columns). */
export interface QrFactorization {
  readonly rows: number;
  readonly columns: number;
  /** Column j of A P: R above and on the diagonal, the tail of v_j (whose head is 1) below; columns of `rows` each. */
  readonly packed: Float64Array;
  readonly tau: Float64Array;
  /** Column j of A P is column permutation[j] of A. */
  readonly permutation: Int32Array;
}

/** Length of x[from .. to), scaled so that squares neither overflow nor underflow. */
function segmentNorm(x: Float64Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0) return 0;
  let sum = 0;
  for (let i = from; i < to; i++) sum += (x[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** target <- (I - tau v v^T) target, both segments of `length` numbers; the head of v is 1. */
function reflect(
  v: Float64Array,
  at: number,
  tau: number,
  target: Float64Array,
  start: number,
  length: number,
): void {
  let sum0 = target[start];
  let sum1 = 0;
  let i = 1;
  for (; i + 1 < length; i += 2) {
    sum0 += v[at + i] * target[start + i];
    sum1 += v[at + i + 1] * target[start + i + 1];
  }
  if (i < length) sum0 += v[at + i] * target[start + i];
  const factor = tau * (sum0 + sum1);
  target[start] -= factor;
  for (i = 1; i < length; i++) target[start + i] -= factor * v[at + i];
}

function exchangeColumns(packed: Float64Array, m: number, a: number, b: number): void {
  for (let i = 0; i < m; i++) {
    const value = packed[a * m + i];
    packed[a * m + i] = packed[b * m + i];
    packed[b * m + i] = value;
  }
}

/** A norm that lost this share of its digits to downdating is computed anew. */
const DOWNDATE_LIMIT = Math.sqrt(Number.EPSILON);

/**
 * The QR factorization by Householder reflections. With `pivoting`, each step takes the column with the longest
 * remainder, so that |R_kk| descends and reveals the rank. Written here because ml-matrix has no pivoting.
 * Source: Businger & Golub 1965; the downdating of column lengths is Drmac & Bujanovic 2008.
 *
 * @throws ArgumentError, DataError when A has no entries or a number is not finite, or an option is unknown
 */
export function qrFactorize(A: DenseMatrix, options: { pivoting?: boolean } = {}): QrFactorization {
  checkFiniteDense("A", A);
  checkOptions("qrFactorize", options, ["pivoting"]);
  const { pivoting = false } = options;
  const { rows, columns, values } = A;
  const packed = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) packed[j * rows + i] = values[i * columns + j];
  const permutation = Int32Array.from({ length: columns }, (_, j) => j);
  const steps = Math.min(rows, columns);
  const tau = new Float64Array(steps);
  const length = new Float64Array(columns);
  if (pivoting) for (let j = 0; j < columns; j++) length[j] = segmentNorm(packed, j * rows, (j + 1) * rows);
  const exact = length.slice();
  for (let k = 0; k < steps; k++) {
    if (pivoting) {
      let longest = k;
      for (let j = k + 1; j < columns; j++) if (length[j] > length[longest]) longest = j;
      if (longest !== k) {
        exchangeColumns(packed, rows, k, longest);
        [permutation[k], permutation[longest]] = [permutation[longest], permutation[k]];
        length[longest] = length[k];
        exact[longest] = exact[k];
      }
    }
    const head = k * rows + k;
    const remainder = segmentNorm(packed, head, (k + 1) * rows);
    if (remainder === 0 || k === rows - 1) continue; // nothing below the diagonal to take away: tau = 0
    const alpha = packed[head];
    const beta = alpha > 0 ? -remainder : remainder;
    tau[k] = (beta - alpha) / beta;
    for (let i = head + 1; i < (k + 1) * rows; i++) packed[i] /= alpha - beta;
    packed[head] = beta;
    for (let j = k + 1; j < columns; j++) {
      reflect(packed, head, tau[k], packed, j * rows + k, rows - k);
      if (!pivoting || length[j] === 0) continue;
      const left = Math.max(0, 1 - (packed[j * rows + k] / length[j]) ** 2);
      if (left * (length[j] / exact[j]) ** 2 > DOWNDATE_LIMIT) length[j] *= Math.sqrt(left);
      else {
        length[j] = segmentNorm(packed, j * rows + k + 1, (j + 1) * rows);
        exact[j] = length[j];
      }
    }
  }
  return { rows, columns, packed, tau, permutation };
}

/**
 * b <- Q^T b, in place.
 *
 * @param b rows numbers
 * @throws ArgumentError when the sizes do not fit
 */
export function qrApplyAdjoint({ rows, packed, tau }: QrFactorization, b: Float64Array): Float64Array {
  checkLength("b", b, rows);
  for (let k = 0; k < tau.length; k++)
    if (tau[k] !== 0) reflect(packed, k * rows + k, tau[k], b, k, rows - k);
  return b;
}

/**
 * b <- Q b, in place.
 *
 * @param b rows numbers
 * @throws ArgumentError when the sizes do not fit
 */
export function qrApply({ rows, packed, tau }: QrFactorization, b: Float64Array): Float64Array {
  checkLength("b", b, rows);
  for (let k = tau.length - 1; k >= 0; k--)
    if (tau[k] !== 0) reflect(packed, k * rows + k, tau[k], b, k, rows - k);
  return b;
}

/** The upper triangular (or trapezoidal) R, min(rows, columns) x columns. */
export function qrUpper({ rows, columns, packed, tau }: QrFactorization): DenseMatrix {
  const R = new Float64Array(tau.length * columns);
  for (let i = 0; i < tau.length; i++)
    for (let j = i; j < columns; j++) R[i * columns + j] = packed[j * rows + i];
  return { rows: tau.length, columns, values: R };
}

/** The first min(rows, columns) columns of Q, rows x min(rows, columns). */
export function qrOrthonormal(F: QrFactorization): DenseMatrix {
  const { rows, tau } = F;
  const k = tau.length;
  const Q = new Float64Array(rows * k);
  const column = new Float64Array(rows);
  for (let j = 0; j < k; j++) {
    column.fill(0);
    column[j] = 1;
    qrApply(F, column);
    for (let i = 0; i < rows; i++) Q[i * k + j] = column[i];
  }
  return { rows, columns: k, values: Q };
}

/**
 * Numerical rank: how many |R_kk| exceed relativeCutoff |R_00|. Only a pivoted factorization reveals it.
 *
 * @param relativeCutoff max(rows, columns) eps by default
 */
export function qrRank(
  { rows, columns, packed, tau }: QrFactorization,
  relativeCutoff: number = Math.max(rows, columns) * Number.EPSILON,
): number {
  const cutoff = relativeCutoff * Math.abs(packed[0]);
  let rank = 0;
  while (rank < tau.length && Math.abs(packed[rank * rows + rank]) > cutoff) rank += 1;
  return rank;
}
