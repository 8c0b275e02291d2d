import { EigenvalueDecomposition } from "ml-matrix";
import { DataError } from "../../errors.ts";
import { checkDense, fromMatrix, toMatrix } from "./dense-matrix.ts";

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  readonly n: number;
  /** Ascending. */
  readonly values: Float64Array;
  /** n x n, row-major; column j is the unit eigenvector of values[j]. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: tridiagonal reduction and implicit QL.
 *
 * @param A n x n, row-major; its symmetric part is used
 * @param options.asymmetry how far |A_ij - A_ji| may go, relative to the largest |A_ij|
 * @throws DataError naming the entries that differ by more
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function symmetricEigen(
  A: Float64Array,
  n: number,
  { asymmetry = 1e-8 }: { asymmetry?: number } = {},
): SymmetricEigen {
  checkDense(A, n, n);
  let largest = 0;
  for (let k = 0; k < A.length; k++) largest = Math.max(largest, Math.abs(A[k]));
  const matrix = toMatrix(A, n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const [lower, upper] = [A[i * n + j], A[j * n + i]];
      if (!(Math.abs(lower - upper) <= asymmetry * largest))
        throw new DataError(`A must be symmetric; row ${i}, column ${j} is ${lower}, its mirror ${upper}`);
      const mean = lower / 2 + upper / 2;
      matrix.set(i, j, mean);
      matrix.set(j, i, mean);
    }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  return { n, values: Float64Array.from(realEigenvalues), vectors: fromMatrix(eigenvectorMatrix) };
}
