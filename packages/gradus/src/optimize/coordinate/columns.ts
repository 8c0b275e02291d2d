import { blasAvailable } from "@gradus/blas";
import {
  type DesignColumns,
  designColumns as designColumnsInMemory,
  type Sweeps,
} from "@gradus/blas/columns";
import { type SparseColumns, sparseColumns as sparseColumnsInMemory } from "@gradus/blas/sparse";
import { type DenseMatrix, isSparse } from "../../linalg/matrix.ts";
import { checkedCopy, csrFromDense } from "../../linalg/sparse/build.ts";
import { type CscMatrix, cscToCsr, csrToCsc } from "../../linalg/sparse/csc.ts";
import type { CsrMatrix } from "../../linalg/sparse/csr.ts";
import { checkDesign, checkDesignSize, type DesignMatrix } from "../../objectives/design-matrix.ts";
import { numbersAt, supportOf } from "./problem.ts";

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
  /** Compiled sweeps over a block for ||r||^2 / 2 + lambda ||x||_1; how many there were, at most `most`. */
  sweep?(block: Int32Array, squares: Float64Array, how: Sweeps, x: Float64Array, r: Float64Array): number;
  /** Numbers stored in the columns of a block. */
  blockEntries(block: Int32Array): number;
  /** ||a_i||^2 of every column. */
  squaredNorms(): Float64Array;
  /** Whether `adjoint` still reads the rows, in their order: squared norms come along with the first one. */
  readsRows?(): boolean;
  /** sum_j |a_i^T a_j| of every column. */
  gramRowSums(): Float64Array;
  /** Gives the memory of a copy back, which is made again when it is used again. */
  release?(): void;
}

/** The columns of a sparse matrix. */
export function sparseColumns(A: CscMatrix): ColumnMap {
  const { rows, columns, columnPointers, rowIndices, values } = A;
  const spread = new Float64Array(rows); // zero between calls
  const dot = (j: number, v: Float64Array) => {
    let sum = 0;
    for (let k = columnPointers[j]; k < columnPointers[j + 1]; k++) sum += values[k] * v[rowIndices[k]];
    return sum;
  };
  const add = (j: number, s: number, v: Float64Array) => {
    for (let k = columnPointers[j]; k < columnPointers[j + 1]; k++) v[rowIndices[k]] += s * values[k];
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
      for (let j = 0; j < columns; j++) out[j] = dot(j, v);
    },
    blockAdjoint(v, block, out) {
      for (let p = 0; p < block.length; p++) out[p] = dot(block[p], v);
    },
    addColumns(block, step, v) {
      for (let p = 0; p < block.length; p++) if (step[p] !== 0) add(block[p], step[p], v);
    },
    gram(block, weights, out) {
      const size = block.length;
      for (let p = 0; p < size; p++) {
        const begin = columnPointers[block[p]];
        const end = columnPointers[block[p] + 1];
        for (let k = begin; k < end; k++)
          spread[rowIndices[k]] = values[k] * (weights ? weights[rowIndices[k]] : 1);
        for (let q = p; q < size; q++) {
          out[p * size + q] = dot(block[q], spread);
          out[q * size + p] = out[p * size + q];
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

/** Entries from which a matrix is copied into WebAssembly memory. */
const RESIDENT_ENTRIES = 4096;

/** What a copy in WebAssembly memory computes, dense or sparse. */
function throughCopy(
  { rows, columns, values }: DesignMatrix,
  design: DesignColumns | SparseColumns,
): Omit<ColumnMap, "blockEntries" | "gramRowSums"> {
  return {
    rows,
    columns,
    entries: values.length,
    product(x, out) {
      const block = supportOf(x);
      design.addColumns(block, numbersAt(block, x), out.fill(0));
    },
    adjoint: (v, out) => design.adjoint(v, out),
    blockAdjoint: (v, block, out) => design.blockAdjoint(v, block, out),
    addColumns: (block, step, v) => design.addColumns(block, step, v),
    gram: (block, weights, out) => design.gram(block, weights, out),
    squaredNorms: () => design.squaredNorms(),
    sweep: (block, squares, how, x, r) => design.sweep(block, squares, how, x, r),
    release: () => design.release(),
  };
}

/** The columns of a dense matrix, given row by row, through a copy column by column that is made when it is first used. */
function residentColumns(A: DenseMatrix, rowFactors?: ArrayLike<number>): ColumnMap {
  const { rows, columns, values } = A;
  const design = designColumnsInMemory(
    { rows, columns, values },
    rowFactors && Float64Array.from(rowFactors),
  );
  return {
    ...throughCopy(A, design),
    blockEntries: (block) => block.length * rows,
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

/** The columns of a sparse matrix, given row by row, through a copy column by column that is made when it is first used. */
function residentSparseColumns(A: CsrMatrix, design: SparseColumns): ColumnMap {
  return {
    ...throughCopy(A, design),
    blockEntries: (block) => design.blockEntries(block),
    readsRows: () => design.readsRows,
    gramRowSums: () => sparseColumns(csrToCsc(A)).gramRowSums(),
  };
}

/** Above this share of nonzeros, contiguous columns are read faster than indexed ones. */
const DENSE_SHARE = 0.5;
/** Entries of a dense matrix that are sampled to estimate its share of nonzeros. */
const SAMPLE = 4096;

/** Whether contiguous columns are the faster form, by a sample. */
function isMostlyNonzero({ values }: DenseMatrix): boolean {
  let nonzeros = 0;
  // a prime step, so that the sample follows no pattern of columns
  for (let k = 0; k < SAMPLE; k++) nonzeros += Number(values[(k * 1000003) % values.length] !== 0);
  return nonzeros > DENSE_SHARE * SAMPLE;
}

/**
 * The columns of a design matrix, each row multiplied by a factor; dense or sparse, whichever is read faster.
 *
 * @throws ArgumentError, DataError naming what is malformed or not finite
 */
export function columnsOfDesign(A: DesignMatrix, rowFactors?: ArrayLike<number>): ColumnMap {
  const small = A.values.length < RESIDENT_ENTRIES || !blasAvailable();
  if (!small && isSparse(A) && !rowFactors) {
    checkDesignSize(A);
    return residentSparseColumns(A, checkedCopy(A, sparseColumnsInMemory));
  }
  checkDesign(A);
  if (small) return sparseColumns(csrToCsc(scaledRows(A, rowFactors)));
  if (!isSparse(A) && isMostlyNonzero(A)) return residentColumns(A, rowFactors);
  const scaled = scaledRows(A, rowFactors);
  return residentSparseColumns(scaled, sparseColumnsInMemory(scaled));
}

/** By compressed rows, each row times its factor. */
function scaledRows(A: DesignMatrix, rowFactors?: ArrayLike<number>): CsrMatrix {
  const csr = isSparse(A) ? A : csrFromDense(A);
  if (!rowFactors) return csr;
  const values = csr.values.slice();
  for (let i = 0; i < csr.rows; i++)
    for (let k = csr.rowPointers[i]; k < csr.rowPointers[i + 1]; k++) values[k] *= rowFactors[i];
  return { ...csr, values };
}
