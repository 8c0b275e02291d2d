import { cholesky } from "@gradus/blas/dense";
import { compiledFrom } from "../compiled.ts";

/**
 * Overwrites the lower triangle of a symmetric matrix with its Cholesky factor L. What stands above the diagonal is neither
 * read nor written. Large factors are compiled, in blocks; small ones are made in four rows at a time, so that each row
 * above is read once for four.
 *
 * @param A n x n, row-major; overwritten
 * @param relativePivot a pivot must exceed this share of its diagonal entry in A
 * @returns the first row whose pivot does not, or is not finite; n where A is positive definite
 */
export function choleskyInPlace(A: Float64Array, n: number, relativePivot = 0): number {
  if (n >= compiledFrom.cholesky) return cholesky({ a: { rows: n, columns: n, values: A }, relativePivot });
  return eliminate(A, n, (i, pivot) => (pivot > relativePivot * A[i * (n + 1)] ? pivot : Number.NaN));
}

/**
 * The same for A = H + R, where H is positive semidefinite up to rounding and R positive definite, however small beside
 * H. No pivot of A is less than that of R; one that comes out less is told apart by what rounding can do to it,
 *
 *     tau_i = n eps sum_j A_jj x_j^2,   A_11 x_1 = -a_1i,  x_i = 1   (the pivot is x^T A x)
 *
 * Where it is below -tau_i, H is indefinite; where it is within tau_i of 0, nothing is known of it but that it is at
 * least R's: it becomes the larger of R's and tau_i, so that L L^T is A and a nonnegative diagonal of the size of
 * rounding. Otherwise it stays.
 * Source: the growth of Schur complements with the matrix; tau is the error of Higham 2002, "Accuracy and Stability of
 * Numerical Algorithms", theorem 10.3, where the errors of entries are independent.
 *
 * @param leastPivots the pivots of R, n numbers > 0
 */
export function regularizedCholeskyInPlace(A: Float64Array, n: number, leastPivots: Float64Array): number {
  if (n >= compiledFrom.cholesky) return cholesky({ a: { rows: n, columns: n, values: A }, leastPivots });
  return eliminate(A, n, (i, pivot) => {
    if (!(pivot < leastPivots[i])) return pivot;
    const rounding = pivotRounding(A, n, i);
    if (pivot < -rounding) return pivot;
    return pivot > rounding ? pivot : Math.max(leastPivots[i], rounding);
  });
}

/** Factorizes with the pivots that `accept` makes of those found, to the first that is not positive or not finite. */
function eliminate(A: Float64Array, n: number, accept: (i: number, pivot: number) => number): number {
  const fours = n - (n % 4);
  for (let i = 0; i < n; i++) {
    const from = i < fours ? i - (i % 4) : 0;
    if (i === from && i < fours) fourRows(A, n, i);
    const pivot = accept(i, row(A, n, i, from));
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) return i;
    A[i * (n + 1)] = Math.sqrt(pivot);
  }
  return n;
}

/** n eps sum_j A_jj x_j^2 for row i, whose columns before the diagonal are those of L. */
function pivotRounding(A: Float64Array, n: number, i: number): number {
  const x = A.slice(i * n, i * n + i);
  let sum = A[i * (n + 1)];
  for (let j = i - 1; j >= 0; j--) {
    x[j] /= A[j * (n + 1)];
    let diagonal = 0;
    for (let k = 0; k <= j; k++) diagonal += A[j * n + k] * A[j * n + k];
    for (let k = 0; k < j; k++) x[k] -= A[j * n + k] * x[j];
    sum += diagonal * x[j] * x[j];
  }
  return n * Number.EPSILON * sum;
}

/** Columns 0 .. i - 1 of rows i .. i + 3, two columns at a time. */
function fourRows(A: Float64Array, n: number, i: number): void {
  const r0 = i * n;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  // i is a multiple of 4, so that the columns come in pairs
  for (let j = 0; j < i; j += 2) {
    const p = j * n;
    const q = p + n;
    let a0 = A[r0 + j];
    let a1 = A[r1 + j];
    let a2 = A[r2 + j];
    let a3 = A[r3 + j];
    let b0 = A[r0 + j + 1];
    let b1 = A[r1 + j + 1];
    let b2 = A[r2 + j + 1];
    let b3 = A[r3 + j + 1];
    for (let k = 0; k < j; k++) {
      const x = A[p + k];
      const y = A[q + k];
      const l0 = A[r0 + k];
      const l1 = A[r1 + k];
      const l2 = A[r2 + k];
      const l3 = A[r3 + k];
      a0 -= l0 * x;
      a1 -= l1 * x;
      a2 -= l2 * x;
      a3 -= l3 * x;
      b0 -= l0 * y;
      b1 -= l1 * y;
      b2 -= l2 * y;
      b3 -= l3 * y;
    }
    const pivot = A[p + j];
    const nextPivot = A[q + j + 1];
    const link = A[q + j];
    a0 /= pivot;
    a1 /= pivot;
    a2 /= pivot;
    a3 /= pivot;
    A[r0 + j] = a0;
    A[r1 + j] = a1;
    A[r2 + j] = a2;
    A[r3 + j] = a3;
    A[r0 + j + 1] = (b0 - a0 * link) / nextPivot;
    A[r1 + j + 1] = (b1 - a1 * link) / nextPivot;
    A[r2 + j + 1] = (b2 - a2 * link) / nextPivot;
    A[r3 + j + 1] = (b3 - a3 * link) / nextPivot;
  }
}

/** Columns `from` .. i - 1 of row i; those before are done. Returns the pivot, which is not written. */
function row(A: Float64Array, n: number, i: number, from: number): number {
  const r = i * n;
  for (let j = from; j < i; j++) {
    const p = j * n;
    let sum = A[r + j];
    for (let k = 0; k < j; k++) sum -= A[r + k] * A[p + k];
    A[r + j] = sum / A[p + j];
  }
  let pivot = A[r + i];
  for (let k = 0; k < i; k++) pivot -= A[r + k] * A[r + k];
  return pivot;
}
