import { symmetricEigenvalues as compiledEigenvalues } from "@gradus/blas/eigen";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../matrix.ts";
import { type SymmetryOptions, symmetricPart } from "../symmetric.ts";

/**
 * All eigenvalues of a symmetric matrix, without eigenvectors: Householder reduction to tridiagonal form (4 n^3 / 3
 * flops) and QL iterations without square roots.
 * Source: Golub & Van Loan 2013, "Matrix computations", section 8.3; Parlett 1998, "The symmetric eigenvalue problem".
 *
 * @param A its symmetric part is used
 * @returns eigenvalues in descending order
 * @throws DataError naming entries that differ from their mirrors by more than `asymmetry` allows
 * @throws ArgumentError, DataError when A is not square or a number is not finite
 */
export function symmetricEigenvalues(
  A: DenseMatrix,
  options: SymmetryOptions = {},
): Float64Array<ArrayBuffer> {
  checkOptions("symmetricEigenvalues", options, ["asymmetry"]);
  return compiledEigenvalues({ a: { ...A, values: symmetricPart("A", A, options) } });
}
