import { ConvergenceError } from "../errors.ts";
import { symmetricEigen } from "../linalg/factorize/symmetric-eigen.ts";
import { symmetricEigenvalues } from "../linalg/factorize/symmetric-eigenvalues.ts";

/**
 * All eigenvalues of a symmetric curvature matrix, ascending. The fast solver deflates by the size of neighboring
 * diagonal entries, and may not settle where hundreds of eigenvalues are rounding (a Gauss-Newton matrix near its rank
 * bound); the slower one deflates by the size of the whole matrix.
 *
 * @param S n x n, row-major
 * @throws ArgumentError, DataError when the sizes do not fit, a number is not finite, or S is not symmetric
 */
export function denseEigenvalues(S: Float64Array, n: number): Float64Array {
  try {
    return symmetricEigenvalues(S, n);
  } catch (error) {
    if (!(error instanceof ConvergenceError)) throw error;
    return symmetricEigen(S, n).values.sort();
  }
}
