import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, sharedHeap, withFrame } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import type { Sweeps } from "../sweeps.ts";
import { sparseColumns as family } from "./columns-family.ts";
import {
  bytesOf,
  type CompressedRows,
  checkArrays,
  type Places,
  placesFrom,
  writeCompressedRows,
} from "./compressed-rows.ts";

/** Entries below which a loop takes less time than the way into WebAssembly and back. */
const FEW_ENTRIES = 2048;

/**
 * The columns of a sparse matrix A, as coordinate methods use them: one column or a block of them at a time. They are
 * copied into WebAssembly memory, column by column, when they are first used, and the matrix must not change from then
 * on. When such copies take more than 256 MiB together, those least recently used are dropped until they are used again.
 * Indices are checked when they are copied.
 */
export class SparseColumns {
  readonly rows: number;
  readonly columns: number;
  readonly #entries: number;
  readonly #copy: ResidentCopy;

  constructor(matrix: CompressedRows) {
    checkArrays(matrix);
    const { rows, columns, values } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.#entries = values.length;
    this.#copy = new ResidentCopy(
      bytesOf(values.length, columns),
      `the columns of a sparse ${rows} x ${columns} matrix of ${values.length} entries`,
      (heap, address) =>
        withFrame("the transpose of a sparse matrix", (frame) => {
          const from = writeCompressedRows(heap, frame.bytes(bytesOf(values.length, rows)), matrix, family());
          const to = this.#placesAt(address);
          family().csrTranspose(
            ...([rows, columns, from.pointers, from.indices, from.values] as const),
            ...([to.pointers, to.indices, to.values] as const),
          );
        }),
    );
  }

  #placesAt(address: number): Places {
    return placesFrom(address, this.#entries);
  }

  /** The first arguments of the passes over a block. */
  #columns(): readonly [pointers: number, indices: number, values: number] {
    const { pointers, indices, values } = this.#placesAt(this.#copy.address);
    return [pointers, indices, values];
  }

  #checkBlock(block: Int32Array): void {
    const { columns } = this;
    for (let p = 0; p < block.length; p++)
      if (!(block[p] >= 0 && block[p] < columns))
        throw new BlasArgumentError(
          `block must have column indices from 0 to ${columns - 1}, got ${block[p]}`,
        );
  }

  /** The columns of a block in WebAssembly memory, each checked. */
  #blockIn(frame: Frame, block: Int32Array): number {
    this.#checkBlock(block);
    const address = frame.bytes(4 * block.length);
    new Int32Array(frame.heap.memory.buffer, address, block.length).set(block);
    return address;
  }

  /** Numbers stored in the columns of a block. */
  blockEntries(block: Int32Array): number {
    const begin = this.#placesAt(this.#copy.address).pointers / 4;
    const { integers } = sharedHeap();
    let count = 0;
    for (let p = 0; p < block.length; p++)
      count += integers[begin + block[p] + 1] - integers[begin + block[p]];
    return count;
  }

  /**
   * out = A^T v.
   *
   * @param v one number a row
   * @param out one number a column
   */
  adjoint(v: Float64Array, out: Float64Array): void {
    checkVector("v", v, this.rows);
    checkVector("out", out, this.columns);
    const matrix = this.#columns();
    withFrame("a product with all columns", (frame) => {
      const from = frame.copy(v);
      const to = frame.numbers(out.length);
      family().cscBlockAdjoint(...matrix, 0, out.length, from, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * out = A_b^T v, for the columns of a block; the first |b| numbers of `out`.
   *
   * @param v one number a row
   */
  blockAdjoint(v: Float64Array, block: Int32Array, out: Float64Array): void {
    checkVector("v", v, this.rows);
    if (this.blockEntries(block) < FEW_ENTRIES) {
      const { pointers, indices, values } = this.#placesAt(this.#copy.address);
      const { integers, numbers } = sharedHeap();
      const [rowOf, entryOf] = [indices / 4, values / 8];
      for (let p = 0; p < block.length; p++) {
        const begin = pointers / 4 + block[p];
        let sum = 0;
        for (let k = integers[begin]; k < integers[begin + 1]; k++)
          sum += numbers[entryOf + k] * v[integers[rowOf + k]];
        out[p] = sum;
      }
      return;
    }
    const matrix = this.#columns();
    withFrame("a product with a block of columns", (frame) => {
      const places = this.#blockIn(frame, block);
      const from = frame.copy(v);
      const to = frame.numbers(block.length);
      family().cscBlockAdjoint(...matrix, places, block.length, from, to);
      copyVectorOut(frame, to, out.subarray(0, block.length));
    });
  }

  /**
   * v <- v + A_b step: the sum of the columns of a block, each times its step.
   *
   * @param step |b| numbers at least
   * @param v one number a row, changed in place
   */
  addColumns(block: Int32Array, step: Float64Array, v: Float64Array): void {
    checkVector("v", v, this.rows);
    if (this.blockEntries(block) < FEW_ENTRIES) {
      const { pointers, indices, values } = this.#placesAt(this.#copy.address);
      const { integers, numbers } = sharedHeap();
      const [rowOf, entryOf] = [indices / 4, values / 8];
      for (let p = 0; p < block.length; p++) {
        const begin = pointers / 4 + block[p];
        const factor = step[p];
        if (factor === 0) continue;
        for (let k = integers[begin]; k < integers[begin + 1]; k++)
          v[integers[rowOf + k]] += factor * numbers[entryOf + k];
      }
      return;
    }
    const matrix = this.#columns();
    withFrame("a sum of columns", (frame) => {
      const places = this.#blockIn(frame, block);
      const factors = frame.copy(step.subarray(0, block.length));
      const to = frame.copy(v);
      family().cscAddColumns(...matrix, places, block.length, factors, to);
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
    const { lambda, nonnegative, most, share } = how;
    checkVector("squares", squares, block.length);
    checkVector("x", x, block.length);
    checkVector("r", r, this.rows);
    const matrix = this.#columns();
    return withFrame("sweeps over columns", (frame) => {
      const places = this.#blockIn(frame, block);
      const [norms, to, residual] = [frame.copy(squares), frame.copy(x), frame.copy(r)];
      const rest = [norms, lambda, nonnegative ? 1 : 0, most, share, to, residual] as const;
      const made = family().cscSweepColumns(...matrix, places, block.length, ...rest, frame.numbers(1));
      copyVectorOut(frame, to, x);
      copyVectorOut(frame, residual, r);
      return made;
    });
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
    this.#checkBlock(block);
    const entries = this.blockEntries(block);
    const matrix = this.#columns();
    withFrame(`the Gram matrix of ${size} columns`, (frame) => {
      const places = this.#blockIn(frame, block);
      const factors = weights === undefined ? 0 : frame.copy(weights);
      const to = frame.numbers(size * size);
      const heads = frame.bytes(4 * rows);
      new Int32Array(frame.heap.memory.buffer, heads, rows).fill(0);
      const links = frame.bytes(16 * entries);
      family().cscBlockGram(...matrix, places, size, factors, to, heads, links);
      copyVectorOut(frame, to, out.subarray(0, size * size));
    });
  }

  /** ||a_j||^2 of every column. */
  squaredNorms(): Float64Array<ArrayBuffer> {
    const { columns } = this;
    const norms = new Float64Array(columns);
    const [pointers, , values] = this.#columns();
    withFrame("the norms of columns", (frame) => {
      const to = frame.numbers(columns);
      family().cscSquaredNorms(columns, pointers, values, to);
      copyVectorOut(frame, to, norms);
    });
    return norms;
  }

  /**
   * Makes the copy now, unless it is there.
   *
   * @throws BlasArgumentError for pointers or column indices that do not fit
   */
  load(): void {
    this.#copy.load();
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
 * The columns of a sparse matrix, for coordinate methods.
 *
 * @param matrix by compressed rows
 * @throws BlasArgumentError for arrays that do not fit; for indices that do not, when it is first used
 */
export function sparseColumns(matrix: CompressedRows): SparseColumns {
  return new SparseColumns(matrix);
}
