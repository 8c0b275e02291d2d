import { blasAvailable } from "@gradus/blas";
import { designColumns as designColumnsInMemory } from "@gradus/blas/columns";
import { sparseColumns as sparseColumnsInMemory } from "@gradus/blas/sparse";
import { type DenseMatrix, isSparse } from "../../linalg/matrix.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import {
  type CscMatrix,
  cscMultiply,
  cscMultiplyTransposed,
  cscToCsr,
  csrToCsc,
} from "../../linalg/sparse/csc.ts";
import { type CsrMatrix, csrMultiply } from "../../linalg/sparse/csr.ts";
import { checkDesign, type DesignMatrix } from "../../objectives/design-matrix.ts";

/** A design matrix by columns: what a coordinate method reads of it. */
export interface ColumnMap {
  readonly rows: number;
  readonly columns: number;
  /** Numbers stored. */
  readonly entries: number;
  /** out = A x. */
  product(x: Float64Array, out: Float64Array): void;
  /** out = A^T v. */
  adjoint(v: Float64Array, out: Float64Array): void;
  /** out = A_b^T v, |b| numbers. */
  blockAdjoint(v: Float64Array, block: Int32Array, out: Float64Array): void;
  /** v <- v + A_b step. */
  addColumns(block: Int32Array, step: Float64Array, v: Float64Array): void;
  /** out = A_b^T diag(weights) A_b, |b| x |b|, row-major. */
  gram(block: Int32Array, weights: Float64Array | undefined, out: Float64Array): void;
  /** Numbers stored in the columns of a block. */
  blockEntries(block: Int32Array): number;
  /** ||a_i||^2 of every column. */
  squaredNorms(): Float64Array;
  /** sum_j |a_i^T a_j| of every column. */
  gramRowSums(): Float64Array;
}

/** The columns of a sparse matrix. */
export function sparseColumns(A: CscMatrix): ColumnMap {
  const { rows, columns, columnPointers, rowIndices, values } = A;
  const spread = new Float64Array(rows); // zero between calls
  return {
    rows,
    columns,
    entries: values.length,
    product(x, out) {
      cscMultiply(A, x, out);
    },
    adjoint(v, out) {
      cscMultiplyTransposed(A, v, out);
    },
    blockAdjoint(v, block, out) {
      for (let p = 0; p < block.length; p++) {
        const end = columnPointers[block[p] + 1];
        let sum = 0;
        for (let k = columnPointers[block[p]]; k < end; k++) sum += values[k] * v[rowIndices[k]];
        out[p] = sum;
      }
    },
    addColumns(block, step, v) {
      for (let p = 0; p < block.length; p++) {
        const s = step[p];
        if (s === 0) continue;
        const end = columnPointers[block[p] + 1];
        for (let k = columnPointers[block[p]]; k < end; k++) v[rowIndices[k]] += s * values[k];
      }
    },
    gram(block, weights, out) {
      const size = block.length;
      for (let p = 0; p < size; p++) {
        const begin = columnPointers[block[p]];
        const end = columnPointers[block[p] + 1];
        if (weights)
          for (let k = begin; k < end; k++) spread[rowIndices[k]] = values[k] * weights[rowIndices[k]];
        else for (let k = begin; k < end; k++) spread[rowIndices[k]] = values[k];
        for (let q = p; q < size; q++) {
          const last = columnPointers[block[q] + 1];
          let sum = 0;
          for (let k = columnPointers[block[q]]; k < last; k++) sum += values[k] * spread[rowIndices[k]];
          out[p * size + q] = sum;
          out[q * size + p] = sum;
        }
        for (let k = begin; k < end; k++) spread[rowIndices[k]] = 0;
      }
    },
    blockEntries(block) {
      let count = 0;
      for (let p = 0; p < block.length; p++) count += columnPointers[block[p] + 1] - columnPointers[block[p]];
      return count;
    },
    squaredNorms() {
      const squares = new Float64Array(columns);
      for (let j = 0; j < columns; j++)
        for (let k = columnPointers[j]; k < columnPointers[j + 1]; k++) squares[j] += values[k] * values[k];
      return squares;
    },
    gramRowSums() {
      const byRow = cscToCsr(A);
      const sums = new Float64Array(columns);
      const products = new Float64Array(columns);
      for (let j = 0; j < columns; j++) {
        products.fill(0);
        for (let k = columnPointers[j]; k < columnPointers[j + 1]; k++) {
          const [i, a] = [rowIndices[k], values[k]];
          for (let p = byRow.rowPointers[i]; p < byRow.rowPointers[i + 1]; p++)
            products[byRow.columnIndices[p]] += a * byRow.values[p];
        }
        for (let i = 0; i < columns; i++) sums[j] += Math.abs(products[i]);
      }
      return sums;
    },
  };
}

/** values[a .. a + n) . v[b .. b + n), in four interleaved partial sums. */
function segmentDot(values: Float64Array, a: number, v: Float64Array, b: number, n: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    sum0 += values[a + i] * v[b + i];
    sum1 += values[a + i + 1] * v[b + i + 1];
    sum2 += values[a + i + 2] * v[b + i + 2];
    sum3 += values[a + i + 3] * v[b + i + 3];
  }
  for (; i < n; i++) sum0 += values[a + i] * v[b + i];
  return sum0 + sum1 + (sum2 + sum3);
}

/** Entries from which a matrix is copied into WebAssembly memory. */
const RESIDENT_ENTRIES = 4096;

/** The columns of a dense matrix, given row by row, through a copy column by column that is made when it is first used. */
function residentColumns(A: DenseMatrix, rowFactors?: ArrayLike<number>): ColumnMap {
  const { rows, columns, values } = A;
  const design = designColumnsInMemory(
    { rows, columns, values },
    rowFactors && Float64Array.from(rowFactors),
  );
  return {
    rows,
    columns,
    entries: values.length,
    product(x, out) {
      const block = Int32Array.from(x.keys()).filter((j) => x[j] !== 0);
      design.addColumns(
        block,
        Float64Array.from(block, (j) => x[j]),
        out.fill(0),
      );
    },
    adjoint: (v, out) => design.adjoint(v, out),
    blockAdjoint: (v, block, out) => design.blockAdjoint(v, block, out),
    addColumns: (block, step, v) => design.addColumns(block, step, v),
    gram: (block, weights, out) => design.gram(block, weights, out),
    blockEntries: (block) => block.length * rows,
    squaredNorms: () => design.squaredNorms(),
    gramRowSums() {
      const gram = new Float64Array(columns * columns);
      design.gram(
        Int32Array.from({ length: columns }, (_, j) => j),
        undefined,
        gram,
      );
      return Float64Array.from({ length: columns }, (_, j) =>
        gram.subarray(j * columns, (j + 1) * columns).reduce((sum, value) => sum + Math.abs(value), 0),
      );
    },
  };
}

/** The columns of a dense matrix, given row by row; they are copied column by column. */
function denseColumns(
  rows: number,
  columns: number,
  rowMajor: Float64Array,
  rowFactors?: ArrayLike<number>,
): ColumnMap {
  const values = new Float64Array(rowMajor.length);
  for (let i = 0; i < rows; i++) {
    const factor = rowFactors ? rowFactors[i] : 1;
    for (let j = 0; j < columns; j++) values[j * rows + i] = rowMajor[i * columns + j] * factor;
  }
  const weighted = new Float64Array(rows);
  const add = (j: number, s: number, v: Float64Array) => {
    const base = j * rows;
    for (let i = 0; i < rows; i++) v[i] += s * values[base + i];
  };
  return {
    rows,
    columns,
    entries: values.length,
    product(x, out) {
      out.fill(0);
      for (let j = 0; j < columns; j++) if (x[j] !== 0) add(j, x[j], out);
    },
    adjoint(v, out) {
      for (let j = 0; j < columns; j++) out[j] = segmentDot(values, j * rows, v, 0, rows);
    },
    blockAdjoint(v, block, out) {
      for (let p = 0; p < block.length; p++) out[p] = segmentDot(values, block[p] * rows, v, 0, rows);
    },
    addColumns(block, step, v) {
      for (let p = 0; p < block.length; p++) if (step[p] !== 0) add(block[p], step[p], v);
    },
    gram(block, weights, out) {
      const size = block.length;
      for (let p = 0; p < size; p++) {
        const base = block[p] * rows;
        for (let i = 0; i < rows; i++) weighted[i] = values[base + i] * (weights ? weights[i] : 1);
        for (let q = p; q < size; q++) {
          const sum = segmentDot(values, block[q] * rows, weighted, 0, rows);
          out[p * size + q] = sum;
          out[q * size + p] = sum;
        }
      }
    },
    blockEntries: (block) => block.length * rows,
    squaredNorms: () =>
      Float64Array.from({ length: columns }, (_, j) => segmentDot(values, j * rows, values, j * rows, rows)),
    gramRowSums() {
      const sums = new Float64Array(columns);
      for (let j = 0; j < columns; j++)
        for (let q = 0; q < columns; q++)
          sums[j] += Math.abs(segmentDot(values, j * rows, values, q * rows, rows));
      return sums;
    },
  };
}

/** The columns of a sparse matrix, given row by row, through a copy column by column that is made when it is first used. */
function residentSparseColumns(A: CsrMatrix): ColumnMap {
  const { rows, columns, values } = A;
  const design = sparseColumnsInMemory(A);
  return {
    rows,
    columns,
    entries: values.length,
    product(x, out) {
      csrMultiply(A, x, out);
    },
    adjoint: (v, out) => design.adjoint(v, out),
    blockAdjoint: (v, block, out) => design.blockAdjoint(v, block, out),
    addColumns: (block, step, v) => design.addColumns(block, step, v),
    gram: (block, weights, out) => design.gram(block, weights, out),
    blockEntries: (block) => design.blockEntries(block),
    squaredNorms: () => design.squaredNorms(),
    gramRowSums: () => sparseColumns(csrToCsc(A)).gramRowSums(),
  };
}

/** Above this share of nonzeros, contiguous columns are read faster than indexed ones. */
const DENSE_SHARE = 0.5;

/**
 * The columns of a design matrix, each row multiplied by a factor; dense or sparse, whichever is read faster.
 *
 * @throws ArgumentError, DataError naming what is malformed or not finite
 */
export function columnsOfDesign(A: DesignMatrix, rowFactors?: ArrayLike<number>): ColumnMap {
  if (!isSparse(A)) {
    checkDesign(A);
    const { rows, columns, values } = A;
    let nonzeros = 0;
    const enough = DENSE_SHARE * rows * columns;
    for (let k = 0; k < values.length && nonzeros <= enough; k++) nonzeros += Number(values[k] !== 0);
    if (nonzeros > enough)
      return values.length >= RESIDENT_ENTRIES && blasAvailable()
        ? residentColumns(A, rowFactors)
        : denseColumns(rows, columns, values, rowFactors);
  }
  if (isSparse(A) && A.values.length >= RESIDENT_ENTRIES && blasAvailable()) {
    checkDesign(A);
    if (A.values.length <= DENSE_SHARE * A.rows * A.columns)
      return residentSparseColumns(rowFactors ? withRowFactors(A, rowFactors) : A);
  }
  const csc = designColumns(A, rowFactors);
  const dense = csc.values.length > DENSE_SHARE * csc.rows * csc.columns;
  if (!dense) return sparseColumns(csc);
  const entries = new Float64Array(csc.rows * csc.columns);
  for (let j = 0; j < csc.columns; j++)
    for (let k = csc.columnPointers[j]; k < csc.columnPointers[j + 1]; k++)
      entries[csc.rowIndices[k] * csc.columns + j] = csc.values[k];
  return denseColumns(csc.rows, csc.columns, entries);
}

/** Each row times its factor. */
function withRowFactors(A: CsrMatrix, rowFactors: ArrayLike<number>): CsrMatrix {
  const values = A.values.slice();
  for (let i = 0; i < A.rows; i++)
    for (let k = A.rowPointers[i]; k < A.rowPointers[i + 1]; k++) values[k] *= rowFactors[i];
  return { ...A, values };
}

/** The matrix by compressed columns, checked. */
function checkedColumns(A: DesignMatrix): CscMatrix {
  checkDesign(A);
  return csrToCsc(isSparse(A) ? A : csrFromDense(A));
}

/**
 * A design matrix by compressed columns, each row multiplied by a factor.
 *
 * @throws ArgumentError, DataError naming what is malformed or not finite
 */
export function designColumns(A: DesignMatrix, rowFactors?: ArrayLike<number>): CscMatrix {
  const csc = checkedColumns(A);
  if (!rowFactors) return csc;
  return { ...csc, values: csc.values.map((value, k) => value * rowFactors[csc.rowIndices[k]]) };
}
