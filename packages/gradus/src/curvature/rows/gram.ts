import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";

/** A A^T, rows x rows. */
function outerGram({ rows, columns, values: A }: DenseMatrix): DenseMatrix {
  const G = new Float64Array(rows * rows);
  addLowerProducts(G, A, A, rows, columns);
  mirrorLower(G, rows);
  return { rows, columns: rows, values: G };
}

/** A^T A, columns x columns. */
function innerGram({ rows, columns, values: A }: DenseMatrix): DenseMatrix {
  const G = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++) {
    const from = i * columns;
    for (let j = 0; j < columns; j++) {
      const value = A[from + j];
      if (value === 0) continue;
      const to = j * columns;
      for (let k = 0; k <= j; k++) G[to + k] += value * A[from + k];
    }
  }
  mirrorLower(G, columns);
  return { rows: columns, columns, values: G };
}

/**
 * The smaller Gram matrix of A, whose eigenvalues are those of A^T A and of A A^T except for zeros.
 *
 * @returns A A^T if A has fewer rows than columns, otherwise A^T A
 * @throws ArgumentError, DataError when A is not a dense matrix, has no entries or a number is not finite
 */
export function gramMatrix(A: DenseMatrix): DenseMatrix {
  checkFiniteDense("A", A);
  return A.rows < A.columns ? outerGram(A) : innerGram(A);
}

/**
 * The possibly nonzero eigenvalues of A^T A, from the smaller Gram matrix: min(rows, columns) numbers.
 *
 * @returns descending
 * @throws ArgumentError, DataError when A is not a dense matrix, has no entries or a number is not finite
 */
export function gramSpectrum(A: DenseMatrix): Float64Array<ArrayBuffer> {
  return symmetricEigenvalues(gramMatrix(A));
}
