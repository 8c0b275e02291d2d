import { EigenvalueDecomposition } from "ml-matrix";
import { fromMatrix, toMatrix } from "./dense-matrix.ts";
import { type SymmetryOptions, symmetricPart } from "./symmetric-part.ts";

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  readonly n: number;
  /** Ascending. */
  readonly values: Float64Array;
  /** n x n, row-major; column j is the unit eigenvector of values[j]. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: tridiagonal reduction and implicit QL. Where eigenvalues
 * are enough, `symmetricEigenvalues` is several times faster.
 *
 * @param A n x n, row-major; its symmetric part is used
 * @throws DataError naming entries that differ from their mirrors by more than `asymmetry` allows
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function symmetricEigen(A: Float64Array, n: number, options: SymmetryOptions = {}): SymmetricEigen {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    toMatrix(symmetricPart(A, n, options), n, n),
    { assumeSymmetric: true },
  );
  return { n, values: Float64Array.from(realEigenvalues), vectors: fromMatrix(eigenvectorMatrix) };
}
