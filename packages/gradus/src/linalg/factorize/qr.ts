import { applyQ, formQ, pivotedQr, qr, upperFactor } from "@gradus/blas/orthogonal";
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

/**
 * The QR factorization by Householder reflections, in blocks. With `pivoting`, each step takes the column with the longest
 * remainder, so that |R_kk| descends and reveals the rank.
 *
 * @throws ArgumentError, DataError when A has no entries or a number is not finite, or an option is unknown
 */
export function qrFactorize(A: DenseMatrix, options: { pivoting?: boolean } = {}): QrFactorization {
  checkFiniteDense("A", A);
  checkOptions("qrFactorize", options, ["pivoting"]);
  return options.pivoting ? pivotedQr({ a: A }) : qr({ a: A });
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

/**
 * Q^T B, new.
 *
 * @param B as many rows as A
 * @throws ArgumentError when the sizes do not fit
 */
export function qrMultiplyAdjoint(F: QrFactorization, B: DenseMatrix): DenseMatrix {
  checkLength("B", B.values, F.rows * B.columns);
  return applyQ({ factors: F, c: { ...B, values: B.values.slice() }, transpose: true });
}

/** The upper triangular (or trapezoidal) R, min(rows, columns) x columns. */
export function qrUpper(F: QrFactorization): DenseMatrix {
  return upperFactor({ factors: F });
}

/** The first min(rows, columns) columns of Q, rows x min(rows, columns). */
export function qrOrthonormal(F: QrFactorization): DenseMatrix {
  return formQ({ factors: F });
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
