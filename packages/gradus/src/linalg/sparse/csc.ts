import { type CsrMatrix, csrTranspose } from "./csr.ts";

/** A sparse matrix by compressed columns: plain data. */
export interface CscMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Column j owns places columnPointers[j] .. columnPointers[j + 1] - 1; columns + 1 numbers. */
  readonly columnPointers: Int32Array;
  /** Ascending within a column, without repeats. */
  readonly rowIndices: Int32Array;
  readonly values: Float64Array;
}

/** A^T by compressed rows: the same arrays under other names. */
const transposed = (A: CscMatrix): CsrMatrix => ({
  rows: A.columns,
  columns: A.rows,
  rowPointers: A.columnPointers,
  columnIndices: A.rowIndices,
  values: A.values,
});

/** The same matrix by compressed columns. */
export function csrToCsc(A: CsrMatrix): CscMatrix {
  const { rowPointers, columnIndices, values } = csrTranspose(A);
  return {
    rows: A.rows,
    columns: A.columns,
    columnPointers: rowPointers,
    rowIndices: columnIndices,
    values,
  };
}

/** The same matrix by compressed rows. */
export function cscToCsr(A: CscMatrix): CsrMatrix {
  return csrTranspose(transposed(A));
}
