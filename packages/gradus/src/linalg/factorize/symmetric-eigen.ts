import { EigenvalueDecomposition } from "ml-matrix";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../matrix.ts";
import { type SymmetryOptions, symmetricPart } from "../symmetric.ts";
import { toMlMatrix } from "./ml-matrix.ts";

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** n x n; column j is the unit eigenvector of values[j]. */
  readonly vectors: DenseMatrix;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: tridiagonal reduction and implicit QL. Where eigenvalues
 * are enough, `symmetricEigenvalues` is several times faster.
 *
 * @param A its symmetric part is used
 * @returns eigenvalues in descending order, with their vectors
 * @throws DataError naming entries that differ from their mirrors by more than `asymmetry` allows
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function symmetricEigen(A: DenseMatrix, options: SymmetryOptions = {}): SymmetricEigen {
  checkOptions("symmetricEigen", options, ["asymmetry"]);
  const symmetric = { ...A, values: symmetricPart("A", A, options) };
  // ml-matrix has them ascending
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(toMlMatrix(symmetric), {
    assumeSymmetric: true,
  });
  const n = A.rows;
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) vectors[i * n + j] = eigenvectorMatrix.get(i, n - 1 - j);
  return {
    values: Float64Array.from(realEigenvalues).reverse(),
    vectors: { rows: n, columns: n, values: vectors },
  };
}
