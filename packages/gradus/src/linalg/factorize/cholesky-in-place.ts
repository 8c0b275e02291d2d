/**
 * Overwrites the lower triangle of a symmetric matrix with its Cholesky factor L, in four rows at a time, so that each
 * row above is read once for four. What stands above the diagonal is neither read nor written. Each entry is summed
 * from left to right: a row's result does not depend on where the fours begin.
 *
 * @param A n x n, row-major; overwritten
 * @param relativePivot a pivot must exceed this share of its diagonal entry in A
 * @returns the first row whose pivot does not, or is not finite; n where A is positive definite
 */
export function choleskyInPlace(A: Float64Array, n: number, relativePivot = 0): number {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    fourRows(A, n, i);
    for (let r = i; r < i + 4; r++) if (!row(A, n, r, i, relativePivot)) return r;
  }
  for (; i < n; i++) if (!row(A, n, i, 0, relativePivot)) return i;
  return n;
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

/** Columns `from` .. i of row i; those before are done. False where the pivot is too small. */
function row(A: Float64Array, n: number, i: number, from: number, relativePivot: number): boolean {
  const r = i * n;
  for (let j = from; j < i; j++) {
    const p = j * n;
    let sum = A[r + j];
    for (let k = 0; k < j; k++) sum -= A[r + k] * A[p + k];
    A[r + j] = sum / A[p + j];
  }
  const least = relativePivot * A[r + i];
  let pivot = A[r + i];
  for (let k = 0; k < i; k++) pivot -= A[r + k] * A[r + k];
  if (!(pivot > 0 && pivot > least && pivot < Number.POSITIVE_INFINITY)) return false;
  A[r + i] = Math.sqrt(pivot);
  return true;
}
