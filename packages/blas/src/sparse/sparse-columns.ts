import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, type Heap, sharedHeap, withFrame } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import {
  bytesOf,
  type CompressedRows,
  checkArrays,
  type Places,
  placesFrom,
  writeCompressedRows,
} from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";

/** Entries below which a loop takes less time than the way into WebAssembly and back. */
const FEW_ENTRIES = 2048;

const integersOf = ({ memory }: Heap) => new Int32Array(memory.buffer);

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
          const from = writeCompressedRows(heap, frame.bytes(bytesOf(values.length, rows)), matrix);
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

  #checkColumn(j: number): void {
    if (!(j >= 0 && j < this.columns))
      throw new BlasArgumentError(`block must be columns 0 .. ${this.columns - 1}, got ${j}`);
  }

  /** The columns of a block in WebAssembly memory, each checked. */
  #blockIn(frame: Frame, block: Int32Array): number {
    for (const j of block) this.#checkColumn(j);
    const address = frame.bytes(4 * block.length);
    new Int32Array(frame.heap.memory.buffer, address, block.length).set(block);
    return address;
  }

  /** Calls with the row, the entry and the block's place of each entry of the columns of a block. */
  #each(block: Int32Array, visit: (row: number, entry: number, place: number) => void): void {
    const [pointers, indices, values] = this.#columns();
    const [integers, { numbers }] = [integersOf(sharedHeap()), sharedHeap()];
    for (let p = 0; p < block.length; p++) {
      const end = integers[pointers / 4 + block[p] + 1];
      for (let k = integers[pointers / 4 + block[p]]; k < end; k++)
        visit(integers[indices / 4 + k], numbers[values / 8 + k], p);
    }
  }

  /** Numbers stored in the columns of a block. */
  blockEntries(block: Int32Array): number {
    const [pointers] = this.#columns();
    const integers = new Int32Array(sharedHeap().memory.buffer, pointers, this.columns + 1);
    let count = 0;
    for (let p = 0; p < block.length; p++) count += integers[block[p] + 1] - integers[block[p]];
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
    withFrame("a product with the columns of a matrix", (frame) => {
      const from = frame.copy(v);
      const to = frame.numbers(out.length);
      family().csrProduct(this.columns, ...matrix, from, to);
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
      out.fill(0, 0, block.length);
      this.#each(block, (row, entry, place) => {
        out[place] += entry * v[row];
      });
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
      this.#each(block, (row, entry, place) => {
        v[row] += step[place] * entry;
      });
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
   * A_b^T diag(weights) A_b, exactly symmetric: |b| x |b|, row-major; without weights A_b^T A_b.
   *
   * @param out |b|^2 numbers at least, overwritten
   */
  gram(block: Int32Array, weights: Float64Array | undefined, out: Float64Array): void {
    const { rows } = this;
    if (weights !== undefined) checkVector("weights", weights, rows);
    const size = block.length;
    for (const j of block) this.#checkColumn(j);
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
