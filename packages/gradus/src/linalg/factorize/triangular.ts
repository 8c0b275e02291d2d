import { ArgumentError } from "../../check/errors.ts";

/** Number of right-hand sides of a row-major n x k block. */
function sidesOf(B: Float64Array, n: number): number {
  const sides = B.length / n;
  if (!Number.isInteger(sides) || sides < 1)
    throw new ArgumentError(`the right-hand side must have n x k numbers with n = ${n}, got ${B.length}`);
  return sides;
}

/**
 * Solves L X = B in place, L lower triangular; what stands above its diagonal is not read.
 *
 * @param L n x n, row-major
 * @param B n x k, row-major; overwritten by X
 * @returns B
 * @throws ArgumentError when the sizes do not fit
 */
export function solveLower(L: Float64Array, n: number, B: Float64Array): Float64Array {
  const k = sidesOf(B, n);
  if (k === 1) {
    for (let i = 0; i < n; i++) {
      const row = i * n;
      let sum = B[i];
      for (let j = 0; j < i; j++) sum -= L[row + j] * B[j];
      B[i] = sum / L[row + i];
    }
    return B;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const factor = L[i * n + j];
      if (factor !== 0) for (let c = 0; c < k; c++) B[i * k + c] -= factor * B[j * k + c];
    }
    for (let c = 0; c < k; c++) B[i * k + c] /= L[i * n + i];
  }
  return B;
}

/**
 * Solves L^T X = B in place, L lower triangular; what stands above its diagonal is not read.
 *
 * @param L n x n, row-major
 * @param B n x k, row-major; overwritten by X
 * @returns B
 * @throws ArgumentError when the sizes do not fit
 */
export function solveLowerTransposed(L: Float64Array, n: number, B: Float64Array): Float64Array {
  const k = sidesOf(B, n);
  if (k === 1) {
    for (let i = n - 1; i >= 0; i--) {
      const row = i * n;
      B[i] /= L[row + i];
      const x = B[i];
      for (let j = 0; j < i; j++) B[j] -= L[row + j] * x;
    }
    return B;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < k; c++) B[i * k + c] /= L[i * n + i];
    for (let j = 0; j < i; j++) {
      const factor = L[i * n + j];
      if (factor !== 0) for (let c = 0; c < k; c++) B[j * k + c] -= factor * B[i * k + c];
    }
  }
  return B;
}

/**
 * Solves U X = B in place, U upper triangular; what stands below its diagonal is not read.
 *
 * @param U n x n, row-major
 * @param B n x k, row-major; overwritten by X
 * @returns B
 * @throws ArgumentError when the sizes do not fit
 */
export function solveUpper(U: Float64Array, n: number, B: Float64Array): Float64Array {
  const k = sidesOf(B, n);
  if (k === 1) {
    for (let i = n - 1; i >= 0; i--) {
      const row = i * n;
      let sum = B[i];
      for (let j = i + 1; j < n; j++) sum -= U[row + j] * B[j];
      B[i] = sum / U[row + i];
    }
    return B;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) {
      const factor = U[i * n + j];
      if (factor !== 0) for (let c = 0; c < k; c++) B[i * k + c] -= factor * B[j * k + c];
    }
    for (let c = 0; c < k; c++) B[i * k + c] /= U[i * n + i];
  }
  return B;
}
