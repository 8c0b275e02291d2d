import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import { checkFiniteDense, denseMatrix } from "../../linalg/matrix.ts";

/** A A^T, rows x rows. */
function outerGram(A: Float64Array, rows: number, columns: number): Float64Array {
  const G = new Float64Array(rows * rows);
  addLowerProducts(G, A, A, rows, columns);
  mirrorLower(G, rows);
  return G;
}

/** A^T A, columns x columns. */
function innerGram(A: Float64Array, rows: number, columns: number): Float64Array {
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
  return G;
}

/**
 * The Gram matrix of the smaller side of A, whose eigenvalues are those of A^T A and of A A^T but for zeros.
 *
 * @param A rows x columns, row-major
 * @returns A A^T where there are fewer rows than columns, else A^T A; row-major
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function gramMatrix(
  A: Float64Array,
  rows: number,
  columns: number,
): { readonly order: number; readonly gram: Float64Array } {
  checkFiniteDense("A", denseMatrix(A, rows, columns));
  return rows < columns
    ? { order: rows, gram: outerGram(A, rows, columns) }
    : { order: columns, gram: innerGram(A, rows, columns) };
}

/**
 * The eigenvalues of A^T A that may be other than 0, from its smaller side: min(rows, columns) numbers.
 *
 * @param A rows x columns, row-major
 * @returns descending
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function gramSpectrum(A: Float64Array, rows: number, columns: number): Float64Array {
  const { order, gram } = gramMatrix(A, rows, columns);
  return symmetricEigenvalues(denseMatrix(gram, order, order));
}
