import { ArgumentError } from "../../check/errors.ts";
import { multiply, multiplyTransposed } from "../dense.ts";
import { type CscMatrix, cscMultiply, cscMultiplyTransposed } from "../sparse/csc.ts";
import { type CsrMatrix, csrMultiply, csrMultiplyTransposed } from "../sparse/csr.ts";
import type { LinearOperator } from "./contract.ts";

/**
 * A dense matrix as an operator; the entries are not copied.
 *
 * @param A rows x columns, row-major
 * @throws ArgumentError when the sizes do not fit
 */
export function denseOperator(
  A: Float64Array,
  rows: number,
  columns: number,
  { symmetric = false }: { symmetric?: boolean } = {},
): LinearOperator {
  if (A.length !== rows * columns)
    throw new ArgumentError(`A must have rows x columns = ${rows} x ${columns} numbers, got ${A.length}`);
  if (symmetric && rows !== columns)
    throw new ArgumentError(`a symmetric operator must be square, got ${rows} x ${columns}`);
  return {
    rows,
    columns,
    symmetric,
    apply(x, out) {
      multiply(A, rows, columns, x, out);
    },
    applyAdjoint(v, out) {
      multiplyTransposed(A, rows, columns, v, out);
    },
  };
}

/** A compressed-row matrix as an operator; the entries are not copied. */
export function csrOperator(
  A: CsrMatrix,
  { symmetric = false }: { symmetric?: boolean } = {},
): LinearOperator {
  return {
    rows: A.rows,
    columns: A.columns,
    symmetric,
    apply(x, out) {
      csrMultiply(A, x, out);
    },
    applyAdjoint(v, out) {
      csrMultiplyTransposed(A, v, out);
    },
  };
}

/** A compressed-column matrix as an operator; the entries are not copied. */
export function cscOperator(
  A: CscMatrix,
  { symmetric = false }: { symmetric?: boolean } = {},
): LinearOperator {
  return {
    rows: A.rows,
    columns: A.columns,
    symmetric,
    apply(x, out) {
      cscMultiply(A, x, out);
    },
    applyAdjoint(v, out) {
      cscMultiplyTransposed(A, v, out);
    },
  };
}

/** diag(entries): multiplies each coordinate; the entries are not copied. */
export function diagonalOperator(entries: Float64Array): LinearOperator {
  const n = entries.length;
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      for (let i = 0; i < n; i++) out[i] = entries[i] * x[i];
    },
  };
}

/** The identity of order n. */
export function identityOperator(n: number): LinearOperator {
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      out.set(x);
    },
  };
}

/**
 * U diag(c) V^T, as two thin products; the entries are not copied. V = U by default, which makes it symmetric.
 *
 * @param U rows x k, row-major
 * @param coefficients c, k numbers
 * @param V columns x k, row-major
 * @throws ArgumentError when k does not divide the entries
 */
export function lowRankOperator(
  U: Float64Array,
  coefficients: Float64Array,
  V: Float64Array = U,
): LinearOperator {
  const rank = coefficients.length;
  const [rows, columns] = [U.length / rank, V.length / rank];
  if (!Number.isInteger(rows) || !Number.isInteger(columns))
    throw new ArgumentError(
      `U and V must have a multiple of k = ${rank} numbers, got ${U.length} and ${V.length}`,
    );
  const inner = new Float64Array(rank);
  const product = (left: Float64Array, m: number, right: Float64Array, n: number) => {
    return (x: Float64Array, out: Float64Array): void => {
      multiplyTransposed(right, n, rank, x, inner);
      for (let k = 0; k < rank; k++) inner[k] *= coefficients[k];
      multiply(left, m, rank, inner, out);
    };
  };
  return {
    rows,
    columns,
    symmetric: U === V,
    apply: product(U, rows, V, columns),
    applyAdjoint: product(V, columns, U, rows),
  };
}
