/**
 * Solves A x = b in place by Gaussian elimination with partial pivoting, for systems that are too small, or solved in a
 * page that is too small, for compiled LU factors.
 *
 * @param A n x n, row-major; overwritten
 * @param b n numbers; overwritten by x
 * @returns whether every pivot is a number other than 0; where false, `b` has no meaning
 */
export function eliminate(A: Float64Array, b: Float64Array): boolean {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    bringLargestUp(A, b, j);
    const pivot = A[j * n + j];
    if (!(Math.abs(pivot) > 0)) return false;
    for (let i = j + 1; i < n; i++) {
      const factor = A[i * n + j] / pivot;
      if (factor === 0) continue;
      for (let k = j + 1; k < n; k++) A[i * n + k] -= factor * A[j * n + k];
      b[i] -= factor * b[j];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= A[i * n + k] * b[k];
    b[i] = sum / A[i * n + i];
  }
  return true;
}

/** Exchanges row j with the one of those below that has the largest entry in column j. */
function bringLargestUp(A: Float64Array, b: Float64Array, j: number): void {
  const n = b.length;
  let best = j;
  for (let i = j + 1; i < n; i++) if (Math.abs(A[i * n + j]) > Math.abs(A[best * n + j])) best = i;
  if (best === j) return;
  for (let k = j; k < n; k++) [A[j * n + k], A[best * n + k]] = [A[best * n + k], A[j * n + k]];
  [b[j], b[best]] = [b[best], b[j]];
}
