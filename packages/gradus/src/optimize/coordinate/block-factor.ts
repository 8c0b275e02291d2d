import { choleskyInPlace } from "../../linalg/factorize/cholesky-in-place.ts";
import { symmetricEigen } from "../../linalg/factorize/symmetric-eigen.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { solveLower, solveLowerTransposed } from "../../linalg/factorize/triangular.ts";
import { denseMatrix } from "../../linalg/matrix.ts";

/** A factor of a positive semidefinite block H, from which H^-1 q is cheap; where H is singular, its pseudo-inverse. */
export interface BlockFactor {
  readonly size: number;
  /** True when `matrix` is the Cholesky factor, false when it is the pseudo-inverse. */
  readonly positive: boolean;
  /** size x size, row-major. */
  readonly matrix: Float64Array;
}

/** The pseudo-inverse of a symmetric positive semidefinite matrix, by its eigenvalues. */
function pseudoInverse(H: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const { values, vectors } = symmetricEigen(denseMatrix(H, size, size));
  const cutoff = size * Number.EPSILON * Math.max(0, values[0]);
  const inverse = new Float64Array(size * size);
  const V = vectors.values;
  // the largest terms first
  for (let e = size - 1; e >= 0; e--) {
    if (!(values[e] > cutoff)) continue;
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) inverse[i * size + j] += (V[i * size + e] * V[j * size + e]) / values[e];
  }
  return inverse;
}

/** Factorizes a positive semidefinite block; H is left as it is. */
export function factorBlock(H: Float64Array, size: number): BlockFactor {
  const L = H.slice(0, size * size);
  if (choleskyInPlace(L, size, 4 * size * Number.EPSILON) === size)
    return { size, positive: true, matrix: L };
  return { size, positive: false, matrix: pseudoInverse(H.slice(0, size * size), size) };
}

/** q <- H^-1 q, or the pseudo-inverse's product; q has exactly `size` numbers. */
export function solveBlock({ size, positive, matrix }: BlockFactor, q: Float64Array): void {
  if (positive) {
    const L = denseMatrix(matrix, size, size);
    solveLowerTransposed(L, solveLower(L, q));
    return;
  }
  const right = q.slice();
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += matrix[i * size + j] * right[j];
    q[i] = sum;
  }
}

/** L_b, the largest eigenvalue of a block. */
export function largestEigenvalue(H: Float64Array, size: number): number {
  return size === 1 ? H[0] : symmetricEigenvalues(denseMatrix(H.subarray(0, size * size), size, size))[0];
}
