import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { isSparse, type Matrix } from "../matrix.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { csrFromDense } from "../sparse/build.ts";
import type { CsrMatrix } from "../sparse/csr.ts";
import { checkSquare } from "../square.ts";
import { checkEntries } from "./entries.ts";

/** The lower triangle of A with a place for every diagonal entry, which comes last in its row. */
function lowerTriangle(A: CsrMatrix): CsrMatrix {
  const n = A.rows;
  const rowPointers = new Int32Array(n + 1);
  const columnIndices = new Int32Array(A.columnIndices.length + n);
  const values = new Float64Array(A.values.length + n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    let diagonal = 0;
    for (let k = A.rowPointers[i]; k < A.rowPointers[i + 1]; k++) {
      const j = A.columnIndices[k];
      if (j === i) diagonal = A.values[k];
      if (j >= i) continue;
      columnIndices[count] = j;
      values[count] = A.values[k];
      count += 1;
    }
    columnIndices[count] = i;
    values[count] = diagonal;
    count += 1;
    rowPointers[i + 1] = count;
  }
  return {
    rows: n,
    columns: n,
    rowPointers,
    columnIndices: columnIndices.slice(0, count),
    values: values.slice(0, count),
  };
}

/**
 * The incomplete Cholesky factor without fill-in, in row order, on the pattern of A's lower triangle:
 *
 *     L_ij = (A_ij - sum_{k<j} L_ik L_jk) / L_jj,   L_ii = sqrt(max(A_ii - sum_{k<i} L_ik^2, pivotFloor))
 *
 * Source: Meijerink & van der Vorst 1977, "An iterative solution method for linear systems of which the coefficient
 * matrix is a symmetric M-matrix", ICCG(0). Pivots of an M-matrix stay positive; a semidefinite one ends near 0, which
 * the floor keeps from dividing.
 *
 * @param A symmetric, n x n; its lower triangle is read, of a dense matrix what is not 0
 * @returns L, n x n, lower triangular, every diagonal entry stored last in its row
 * @throws ArgumentError unless A is a square matrix and pivotFloor > 0
 */
export function incompleteCholesky(A: Matrix, options: { pivotFloor?: number } = {}): CsrMatrix {
  checkOptions("incompleteCholesky", options, ["pivotFloor"]);
  const { pivotFloor = 1e-8 } = options;
  checkEntries("A", A);
  checkSquare(A);
  if (!(pivotFloor > 0)) throw new ArgumentError(`pivotFloor must be a number > 0, got ${pivotFloor}`);
  const L = lowerTriangle(isSparse(A) ? A : csrFromDense(A));
  const { rowPointers, columnIndices, values } = L;
  for (let i = 0; i < L.rows; i++) {
    const begin = rowPointers[i];
    const last = rowPointers[i + 1] - 1;
    for (let place = begin; place < last; place++) {
      const j = columnIndices[place];
      const pivotPlace = rowPointers[j + 1] - 1;
      let sum = values[place];
      let other = rowPointers[j];
      for (let k = begin; k < place && other < pivotPlace; ) {
        const gap = columnIndices[k] - columnIndices[other];
        if (gap === 0) sum -= values[k] * values[other];
        if (gap <= 0) k += 1;
        if (gap >= 0) other += 1;
      }
      values[place] = sum / values[pivotPlace];
    }
    let pivot = values[last];
    for (let k = begin; k < last; k++) pivot -= values[k] * values[k];
    values[last] = Math.sqrt(Math.max(pivot, pivotFloor));
  }
  return L;
}

/**
 * (L L^T)^-1 as a preconditioner: two sparse triangular solves.
 *
 * @param L lower triangular, its diagonal stored last in each row, as `incompleteCholesky` gives it
 */
export function factoredPreconditioner(L: CsrMatrix): LinearOperator {
  const { rows: n, rowPointers, columnIndices, values } = L;
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      for (let i = 0; i < n; i++) {
        const last = rowPointers[i + 1] - 1;
        let sum = x[i];
        for (let k = rowPointers[i]; k < last; k++) sum -= values[k] * out[columnIndices[k]];
        out[i] = sum / values[last];
      }
      for (let i = n - 1; i >= 0; i--) {
        const last = rowPointers[i + 1] - 1;
        out[i] /= values[last];
        const value = out[i];
        for (let k = rowPointers[i]; k < last; k++) out[columnIndices[k]] -= values[k] * value;
      }
    },
  };
}
