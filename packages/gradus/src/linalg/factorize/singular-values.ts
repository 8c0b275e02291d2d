import { singularValues as compiledSingularValues, svd } from "@gradus/blas/orthogonal";
import { checkFiniteDense, type DenseMatrix } from "../matrix.ts";

/** A = U diag(s) V^T, k = min(rows, columns) or fewer triplets. */
export interface SingularValueDecomposition {
  /** rows x k, orthonormal columns. */
  readonly U: DenseMatrix;
  /** k singular values, descending. */
  readonly s: Float64Array;
  /** columns x k, orthonormal columns. */
  readonly V: DenseMatrix;
}

/**
 * The thin singular value decomposition  A = U diag(s) V^T.
 *
 * @throws ArgumentError, DataError when A has no entries or a number is not finite
 */
export function singularValueDecomposition(A: DenseMatrix): SingularValueDecomposition {
  checkFiniteDense("A", A);
  const { u, s, v } = svd({ a: A });
  return { U: u, s, V: v };
}

/**
 * The singular values alone, descending, min(rows, columns) of them.
 *
 * @throws ArgumentError, DataError when A has no entries or a number is not finite
 */
export function singularValues(A: DenseMatrix): Float64Array<ArrayBuffer> {
  checkFiniteDense("A", A);
  return compiledSingularValues({ a: A });
}
