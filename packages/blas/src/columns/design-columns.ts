import { blockIn } from "../column-block.ts";
import { checkMatrix, checkVector, copyRows, copyVectorOut, firstOf, type Matrix } from "../matrix.ts";
import { type Heap, withFrame } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { type Sweeps, sweepBlock } from "../sweeps.ts";
import { columns as family } from "./family.ts";

/** Numbers of rows that are copied at a time: they stay in cache until they are transposed. */
const PIECE = 32_768;
/** Entries below which a loop takes less time than the way into WebAssembly and back. */
const FEW_ENTRIES = 4096;

/** Copies a matrix column by column to an address, each row times a factor. */
function writeColumns(heap: Heap, address: number, matrix: Matrix, rowFactors?: Float64Array): void {
  const { rows, columns, values, leadingDimension = columns } = matrix;
  // whole cache lines of a column are written at a time
  const most = Math.max(8, 8 * Math.floor(PIECE / (8 * Math.max(columns, 1))));
  withFrame("the columns of a design matrix", (frame) => {
    const piece = frame.numbers(most * columns);
    for (let i = 0; i < rows; i += most) {
      const count = Math.min(most, rows - i);
      const first = i * leadingDimension;
      copyRows(count, columns, values, first, leadingDimension, heap.numbers, piece / 8, columns);
      if (rowFactors) {
        const { numbers } = heap;
        for (let k = 0; k < count * columns; k++)
          numbers[piece / 8 + k] *= rowFactors[i + Math.floor(k / columns)];
      }
      family().transposeRows(count, columns, piece, address + 8 * i, 8 * rows);
    }
  });
}

/**
 * The columns of a design matrix, as coordinate methods use them: one column or a block of them at a time. They are
 * copied into WebAssembly memory when they are first used, and the matrix must not change from then on. When such copies
 * take more than 256 MiB together, those least recently used are dropped until they are used again.
 */
export class DesignColumns {
  readonly rows: number;
  readonly columns: number;
  readonly #copy: ResidentCopy;

  constructor(matrix: Matrix, rowFactors?: Float64Array) {
    checkMatrix("matrix", matrix);
    const { rows, columns } = matrix;
    if (rowFactors !== undefined) checkVector("rowFactors", rowFactors, rows);
    this.rows = rows;
    this.columns = columns;
    this.#copy = new ResidentCopy(
      8 * rows * columns,
      `the columns of a ${rows} x ${columns} matrix`,
      (heap, address) => writeColumns(heap, address, matrix, rowFactors),
    );
  }

  /**
   * out = A^T v.
   *
   * @param v one number a row
   * @param out one number a column
   */
  adjoint(v: Float64Array, out: Float64Array): void {
    const { rows, columns } = this;
    checkVector("v", v, rows);
    checkVector("out", out, columns);
    const { address } = this.#copy;
    withFrame("a product with all columns", (frame) => {
      const from = frame.copy(v);
      const to = frame.numbers(columns);
      family().gemv(columns, rows, 1, address, 8 * rows, 0, from, 0, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * out = A_b^T v, for the columns of a block; the first |b| numbers of `out`.
   *
   * @param v one number a row
   */
  blockAdjoint(v: Float64Array, block: Int32Array, out: Float64Array): void {
    const { rows } = this;
    checkVector("v", v, rows);
    const { address } = this.#copy;
    withFrame("a product with a block of columns", (frame) => {
      const places = blockIn(frame, block, this.columns);
      const part = firstOf("out", out, block.length);
      if (rows * block.length < FEW_ENTRIES) {
        const { numbers } = frame.heap;
        for (let p = 0; p < block.length; p++) {
          let sum = 0;
          for (let i = 0, k = address / 8 + block[p] * rows; i < rows; i++) sum += numbers[k + i] * v[i];
          out[p] = sum;
        }
        return;
      }
      const from = frame.copy(v);
      const to = frame.numbers(block.length);
      family().blockAdjoint(rows, address, 8 * rows, places, block.length, from, to);
      copyVectorOut(frame, to, part);
    });
  }

  /**
   * v <- v + A_b step: the sum of the columns of a block, each times its step.
   *
   * @param step |b| numbers at least
   * @param v one number a row, changed in place
   */
  addColumns(block: Int32Array, step: Float64Array, v: Float64Array): void {
    const { rows } = this;
    checkVector("v", v, rows);
    const { address } = this.#copy;
    withFrame("a sum of columns", (frame) => {
      const places = blockIn(frame, block, this.columns);
      const part = firstOf("step", step, block.length);
      if (rows * block.length < FEW_ENTRIES) {
        const { numbers } = frame.heap;
        for (let p = 0; p < block.length; p++) {
          const factor = step[p];
          if (factor === 0) continue;
          for (let i = 0, k = address / 8 + block[p] * rows; i < rows; i++) v[i] += factor * numbers[k + i];
        }
        return;
      }
      const factors = frame.copy(part);
      const to = frame.copy(v);
      family().addColumns(rows, address, 8 * rows, places, block.length, factors, to);
      copyVectorOut(frame, to, v);
    });
  }

  /**
   * Minimizes ||r||^2 / 2 + lambda ||x||_1 over the coordinates of a block by cyclic proximal coordinate descent, r
   * carried along x: sweeps of the whole block and, between them, of its nonzeros, until the squared steps of a whole
   * one, sum_j ||a_j||^2 d_j^2, are at most `share` of the first one's.
   *
   * @param squares ||a_j||^2 of the block's columns
   * @param x the block's coordinates, changed
   * @param r one number a row, changed
   * @returns the number of sweeps; `most` where that ended them
   */
  sweep(block: Int32Array, squares: Float64Array, how: Sweeps, x: Float64Array, r: Float64Array): number {
    const { rows, columns } = this;
    const { address } = this.#copy;
    return sweepBlock({ rows, block, squares, how, x, r }, (frame, ...rest) =>
      family().sweepColumns(rows, address, 8 * rows, blockIn(frame, block, columns), ...rest),
    );
  }

  /**
   * A_b^T diag(weights) A_b, exactly symmetric: |b| x |b|, row-major; without weights A_b^T A_b.
   *
   * @param out |b|^2 numbers at least, overwritten
   */
  gram(block: Int32Array, weights: Float64Array | undefined, out: Float64Array): void {
    const { rows } = this;
    if (weights !== undefined) checkVector("weights", weights, rows);
    const size = block.length;
    if (size === 0) return;
    const { address } = this.#copy;
    withFrame(`the Gram matrix of ${size} columns`, (frame) => {
      const { blockGram, blockGramWorkspace } = family();
      const places = blockIn(frame, block, this.columns);
      const factors = weights === undefined ? 0 : frame.copy(weights);
      const to = frame.numbers(size * size);
      const work = frame.bytes(blockGramWorkspace(rows, size));
      if (rows === 0) frame.heap.numbers.fill(0, to / 8, to / 8 + size * size);
      blockGram(rows, address, 8 * rows, places, size, factors, to, work);
      copyVectorOut(frame, to, firstOf("out", out, size * size));
    });
  }

  /** ||a_j||^2 of every column. */
  squaredNorms(): Float64Array<ArrayBuffer> {
    const { rows, columns } = this;
    const norms = new Float64Array(columns);
    const { address } = this.#copy;
    withFrame("the norms of columns", (frame) => {
      const to = frame.numbers(columns);
      family().squaredNorms(rows, columns, address, 8 * rows, to);
      copyVectorOut(frame, to, norms);
    });
    return norms;
  }

  /** Gives the memory back now; without it, garbage collection does at some time. */
  release(): void {
    this.#copy.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/**
 * The columns of a design matrix, for coordinate methods.
 *
 * @param rowFactors one number a row, by which it is multiplied
 * @throws BlasArgumentError
 */
export function designColumns(matrix: Matrix, rowFactors?: Float64Array): DesignColumns {
  return new DesignColumns(matrix, rowFactors);
}
