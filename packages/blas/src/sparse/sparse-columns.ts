import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, type Heap, sharedHeap, withFrame } from "../memory.ts";
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
 * Columns are taken out of rows of at least so many entries, in the mean, for sweeps, while they have at most this share of
 * all entries, and so often; then the matrix is transposed.
 */
const LONG_ROWS = 12;
const EXTRACTED_SHARE = 0.25;
const EXTRACTIONS = 6;

/** The pointers, row numbers and values of compressed columns in WebAssembly memory, and the columns meant: 0 for all. */
type BlockPlaces = readonly [pointers: number, indices: number, values: number, block: number];

/**
 * The columns of a sparse matrix A, as coordinate methods use them: one column or a block of them at a time. The matrix is
 * copied into WebAssembly memory when it is first used and must not change from then on: row by row, which serves the first
 * sweeps over a few of the columns, then column by column. When such copies take more than 256 MiB together, those least
 * recently used are dropped until they are used again. Indices are checked when they are copied.
 */
export class SparseColumns {
  readonly rows: number;
  readonly columns: number;
  readonly #entries: number;
  readonly #byRow: ResidentCopy;
  readonly #byColumn: ResidentCopy;
  #isFinite = true;
  #extractions = 0;
  #isByColumn: boolean;
  #sums: { readonly squares: Float64Array<ArrayBuffer>; readonly counts: Int32Array } | undefined;

  constructor(matrix: CompressedRows) {
    checkArrays(matrix);
    const { rows, columns, values } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.#entries = values.length;
    this.#isByColumn = values.length < LONG_ROWS * rows;
    const size = `a sparse ${rows} x ${columns} matrix of ${values.length} entries`;
    const write = (heap: Heap, address: number): Places => {
      const written = writeCompressedRows(heap, address, matrix, family());
      this.#isFinite = written.isFinite;
      return written;
    };
    this.#byRow = new ResidentCopy(bytesOf(values.length, rows), size, write);
    this.#byColumn = new ResidentCopy(
      bytesOf(values.length, columns),
      `the columns of ${size}`,
      (heap, address) =>
        withFrame("the transpose of a sparse matrix", (frame) => {
          const { loaded } = this.#byRow;
          const from =
            loaded === undefined
              ? write(heap, frame.bytes(bytesOf(values.length, rows)))
              : placesFrom(loaded, values.length);
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

  /** The copy column by column; the one row by row makes room for it. */
  #placesByColumn(): Places {
    const places = this.#placesAt(this.#byColumn.address);
    if (!this.#isByColumn) this.#byRow.release();
    this.#isByColumn = true;
    return places;
  }

  /** The first arguments of the passes over a block. */
  #columns(): readonly [pointers: number, indices: number, values: number] {
    const { pointers, indices, values } = this.#placesByColumn();
    return [pointers, indices, values];
  }

  /** The squared norm and number of entries of every column. */
  #columnSums() {
    if (this.#sums) return this.#sums;
    const { columns } = this;
    const { pointers, indices, values } = this.#isByColumn
      ? this.#placesByColumn()
      : this.#placesAt(this.#byRow.address);
    this.#sums = withFrame("sums over columns", (frame) => {
      const [toSquares, toCounts] = [frame.numbers(columns), frame.bytes(4 * columns)];
      const { memory, numbers } = frame.heap;
      const squares = numbers.subarray(toSquares / 8, toSquares / 8 + columns).fill(0);
      const counts = new Int32Array(memory.buffer, toCounts, columns).fill(0);
      if (this.#isByColumn) {
        family().cscSquaredNorms(columns, pointers, values, toSquares);
        const { integers } = frame.heap;
        for (let j = 0, at = pointers / 4; j < columns; j++)
          counts[j] = integers[at + j + 1] - integers[at + j];
      } else family().csrColumnSums(this.#entries, indices, values, toSquares, toCounts);
      return { squares: squares.slice(), counts: counts.slice() };
    });
    return this.#sums;
  }

  /** The columns of a block taken out of the rows; undefined where the copy column by column is to be used. */
  #extracted(frame: Frame, block: Int32Array): BlockPlaces | undefined {
    if (this.#isByColumn || this.#extractions === EXTRACTIONS) return undefined;
    const { columns } = this;
    const entries = this.blockEntries(block);
    if (entries > EXTRACTED_SHARE * this.#entries) return undefined;
    const { counts } = this.#columnSums();
    const from = this.#placesAt(this.#byRow.address);
    const to = placesFrom(frame.bytes(bytesOf(entries, block.length + 1)), entries);
    const placeOf = frame.bytes(4 * columns);
    const { buffer } = frame.heap.memory;
    const places = new Int32Array(buffer, placeOf, columns).fill(0);
    const pointers = new Int32Array(buffer, to.pointers, block.length + 1);
    pointers[0] = 0;
    for (let p = 0, begin = 0; p < block.length; p++) {
      const j = block[p];
      if (places[j] !== 0) return undefined;
      places[j] = p + 1;
      pointers[p + 1] = begin;
      begin += counts[j];
    }
    this.#extractions += 1;
    const source = [this.rows, from.pointers, from.indices, from.values] as const;
    const notes = frame.bytes(8 * (entries + 1));
    family().csrExtract(...source, placeOf, to.pointers, to.indices, to.values, notes);
    return [to.pointers, to.indices, to.values, 0];
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
    this.#checkBlock(block);
    const { counts } = this.#columnSums();
    let count = 0;
    for (let p = 0; p < block.length; p++) count += counts[block[p]];
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
    const { pointers, indices, values } = this.#isByColumn
      ? this.#placesByColumn()
      : this.#placesAt(this.#byRow.address);
    withFrame("a product with all columns", (frame) => {
      const from = frame.copy(v);
      const to = frame.numbers(out.length);
      if (this.#isByColumn) family().cscBlockAdjoint(pointers, indices, values, 0, out.length, from, to);
      else {
        frame.heap.numbers.fill(0, to / 8, to / 8 + out.length);
        family().csrAdjoint(this.rows, pointers, indices, values, from, to);
      }
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
    if (block.length === 0) return;
    if (this.blockEntries(block) < FEW_ENTRIES) {
      const { pointers, indices, values } = this.#placesByColumn();
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
    if (block.length === 0) return;
    if (this.blockEntries(block) < FEW_ENTRIES) {
      const { pointers, indices, values } = this.#placesByColumn();
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
    this.#checkBlock(block);
    return withFrame("sweeps over columns", (frame) => {
      const matrix =
        this.#extracted(frame, block) ?? ([...this.#columns(), this.#blockIn(frame, block)] as const);
      const [norms, to, residual] = [frame.copy(squares), frame.copy(x), frame.copy(r)];
      const rest = [norms, lambda, nonnegative ? 1 : 0, most, share, to, residual] as const;
      const made = family().cscSweepColumns(...matrix, block.length, ...rest);
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
    const entries = this.blockEntries(block);
    const matrix = this.#columns();
    withFrame(`the Gram matrix of ${size} columns`, (frame) => {
      const places = this.#blockIn(frame, block);
      const factors = weights === undefined ? 0 : frame.copy(weights);
      const to = frame.numbers(size * size);
      const byRow = frame.bytes(4 * (rows + 1));
      const work = frame.bytes(16 * entries);
      family().cscBlockGram(rows, ...matrix, places, size, entries, factors, to, byRow, work);
      copyVectorOut(frame, to, out.subarray(0, size * size));
    });
  }

  /** ||a_j||^2 of every column. */
  squaredNorms(): Float64Array<ArrayBuffer> {
    return this.#columnSums().squares.slice();
  }

  /**
   * Whether all numbers of the copy, which is made unless it is there, are finite.
   *
   * @throws BlasArgumentError for pointers or column indices that do not fit
   */
  get isFinite(): boolean {
    (this.#isByColumn ? this.#byColumn : this.#byRow).load();
    return this.#isFinite;
  }

  /** Gives the memory back now; without it, garbage collection does at some time. */
  release(): void {
    this.#byRow.release();
    this.#byColumn.release();
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
