import { SingularValueDecomposition as Decomposition } from "ml-matrix";
import { checkDense, fromMatrix, toMatrix } from "./dense-matrix.ts";

/** A = U diag(s) V^T, k = min(rows, columns) or fewer triplets. */
export interface SingularValueDecomposition {
  readonly rows: number;
  readonly columns: number;
  /** rows x k, row-major, orthonormal columns. */
  readonly U: Float64Array;
  /** k singular values, descending. */
  readonly s: Float64Array;
  /** columns x k, row-major, orthonormal columns. */
  readonly V: Float64Array;
}

/**
 * The thin singular value decomposition  A = U diag(s) V^T.
 *
 * @param A rows x columns, row-major
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function singularValueDecomposition(
  A: Float64Array,
  rows: number,
  columns: number,
): SingularValueDecomposition {
  checkDense(A, rows, columns);
  const svd = new Decomposition(toMatrix(A, rows, columns), { autoTranspose: true });
  return {
    rows,
    columns,
    U: fromMatrix(svd.leftSingularVectors),
    s: Float64Array.from(svd.diagonal),
    V: fromMatrix(svd.rightSingularVectors),
  };
}

/**
 * The singular values alone, descending, min(rows, columns) of them.
 *
 * @param A rows x columns, row-major
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function singularValues(A: Float64Array, rows: number, columns: number): Float64Array {
  checkDense(A, rows, columns);
  const { diagonal } = new Decomposition(toMatrix(A, rows, columns), {
    autoTranspose: true,
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  });
  return Float64Array.from(diagonal);
}
