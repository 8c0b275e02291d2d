import { symmetricEigen as compiledEigen } from "@gradus/blas/eigen";
import { checkOptions } from "../../check/options.ts";
import { type DenseMatrix, denseMatrix } from "../matrix.ts";
import { type SymmetryOptions, symmetricPart } from "../symmetric.ts";

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** n x n; column j is the unit eigenvector of values[j], of either sign. */
  readonly vectors: DenseMatrix;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: tridiagonal reduction and divide and conquer. Where eigenvalues
 * are enough, `symmetricEigenvalues` is two to three times faster.
 *
 * @param A its symmetric part is used
 * @returns eigenvalues in descending order, with their vectors
 * @throws DataError naming entries that differ from their mirrors by more than `asymmetry` allows
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function symmetricEigen(A: DenseMatrix, options: SymmetryOptions = {}): SymmetricEigen {
  checkOptions("symmetricEigen", options, ["asymmetry"]);
  const n = A.rows;
  const { values, vectors } = compiledEigen({ a: { ...A, values: symmetricPart("A", A, options) } });
  return { values, vectors: denseMatrix(vectors.values, n, n) };
}
