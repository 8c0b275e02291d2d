import { tridiagonalEigen as compiledEigen, tridiagonalEnds } from "@gradus/blas/eigen";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";

/** Eigenvalues of a symmetric tridiagonal matrix, with its eigenvectors as far as they were requested. */
export interface TridiagonalEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** First component of each unit eigenvector; their squares are the weights of Gauss quadrature. */
  readonly first: Float64Array;
  /** Last component of each unit eigenvector; with the next coefficient, the residual of a Ritz pair. */
  readonly last: Float64Array;
  /** The unit eigenvectors, m numbers each, where `vectors` is set. */
  readonly vectors?: readonly Float64Array[];
}

/**
 * Eigenvalues of the symmetric tridiagonal matrix with the given diagonal and off-diagonal, and the end components of its
 * eigenvectors: by implicit QL in O(m^2), or with whole vectors by divide and conquer in O(m^3).
 * Source: Golub & Welsch 1969, "Calculation of Gauss quadrature rules"; Bowdler, Martin, Reinsch & Wilkinson 1968.
 *
 * In descending order of the eigenvalues.
 *
 * @param diagonal m numbers
 * @param offDiagonal m - 1 numbers, or more, of which the first m - 1 are read
 * @throws ArgumentError when there is no diagonal or too short an off-diagonal
 * @throws ConvergenceError when a number is not finite
 */
export function tridiagonalEigen(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  options: { vectors?: boolean } = {},
): TridiagonalEigen {
  checkOptions("tridiagonalEigen", options, ["vectors"]);
  const { vectors = false } = options;
  const m = diagonal.length;
  if (m === 0 || offDiagonal.length < m - 1)
    throw new ArgumentError(
      `diagonal must have m >= 1 numbers and offDiagonal m - 1, got ${m} and ${offDiagonal.length}`,
    );
  const matrix = { diagonal, offDiagonal: offDiagonal.subarray(0, m - 1) };
  for (let i = 0; i < m; i++) {
    const next = i + 1 < m ? offDiagonal[i] : 0;
    if (!Number.isFinite(diagonal[i] + next))
      throw new ConvergenceError(`row ${i} of the tridiagonal matrix is not finite: ${diagonal[i]}, ${next}`);
  }
  if (!vectors) return tridiagonalEnds(matrix);
  const whole = compiledEigen(matrix);
  const V = whole.vectors.values;
  return {
    values: whole.values,
    first: V.slice(0, m),
    last: V.slice((m - 1) * m),
    vectors: Array.from({ length: m }, (_, j) => Float64Array.from({ length: m }, (_, i) => V[i * m + j])),
  };
}
