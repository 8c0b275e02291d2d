import { blockIn, checkBlock } from "../column-block.ts";
import { checkVector, copyVectorOut, firstOf } from "../matrix.ts";
import { type Frame, sharedHeap, withFrame } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { type Sweeps, sweepBlock } from "../sweeps.ts";
import { sparseColumns as family } from "./columns-family.ts";
import {
  bytesOf,
  type CompressedRows,
  checkArrays,
  placesFrom,
  writeCompressedRows,
} from "./compressed-rows.ts";

/** Entries below which a loop takes less time than the way into WebAssembly and back. */
const FEW_ENTRIES = 2048;

/**
 * Columns are taken out of rows of at least so many entries, in the mean, for sweeps, while they have at most this share of
 * all entries, and for so many blocks; then the matrix is transposed.
 */
const LONG_ROWS = 12;
const TAKEN_SHARE = 1 / 4;
const TAKEN_BLOCKS = 6;

/** Room for entries of columns that are taken out: blocks that follow each other have many columns in common. */
const roomFor = (entries: number): number => entries >> 1;

/** Pointers, indices and values of compressed rows or columns in WebAssembly memory. */
type Arrays = readonly [pointers: number, indices: number, values: number];

/** The squared norm and number of entries of every column. */
interface ColumnSums {
  readonly squares: Float64Array<ArrayBuffer>;
  readonly counts: Int32Array;
}

/** Columns that were taken out of the rows. */
interface TakenColumns {
  /** The place of every column among them, in the order in which they were taken and counted from 1, or 0. */
  readonly places: Int32Array;
  /** How many there are, and how many entries they have. */
  count: number;
  entries: number;
}

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
  readonly #takenCopy: ResidentCopy;
  #taken: TakenColumns | undefined;
  #isFinite = true;
  #takenBlocks = 0;
  #isByColumn: boolean;
  #sums: ColumnSums | undefined;

  constructor(matrix: CompressedRows) {
    checkArrays(matrix);
    const { rows, columns, values } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.#entries = values.length;
    this.#isByColumn = values.length < LONG_ROWS * rows;
    const size = `a sparse ${rows} x ${columns} matrix of ${values.length} entries`;
    const room = bytesOf(roomFor(values.length), columns);
    this.#takenCopy = new ResidentCopy(room, `the columns of ${size}`, () => {
      this.#taken = undefined;
    });
    this.#byRow = new ResidentCopy(bytesOf(values.length, rows), size, (heap, address) => {
      this.#isFinite = writeCompressedRows(heap, address, matrix, family()).isFinite;
    });
    this.#byColumn = new ResidentCopy(
      bytesOf(values.length, columns),
      `the columns of ${size}`,
      (heap, to) => {
        const { counts } = this.#columnSums();
        const from = this.#byRows();
        const arrays = this.#arraysAt(to);
        new Int32Array(heap.memory.buffer, arrays[0], columns + 1).set(counts, 1);
        family().csrTranspose(rows, columns, ...from, ...arrays);
      },
    );
  }

  #arraysAt(address: number, entries = this.#entries): Arrays {
    const { pointers, indices, values } = placesFrom(address, entries);
    return [pointers, indices, values];
  }

  /** The copy column by column; what was copied row by row makes room for it. */
  #byColumns(): Arrays {
    const arrays = this.#arraysAt(this.#byColumn.address);
    this.#byRow.release();
    this.#takenCopy.release();
    this.#isByColumn = true;
    return arrays;
  }

  #byRows(): Arrays {
    return this.#arraysAt(this.#byRow.address);
  }

  /** The squared norm and number of entries of every column. */
  #columnSums(): ColumnSums {
    return this.#sums ?? this.#sumsAlong(new Float64Array(this.rows), new Float64Array(this.columns));
  }

  /** out = A^T v from the rows, and the sums over columns along with it: one reading. */
  #sumsAlong(v: Float64Array, out: Float64Array): ColumnSums {
    const { rows, columns } = this;
    const arrays = this.#byRows();
    this.#sums = withFrame("a product with all columns", (frame) => {
      const from = frame.copy(v);
      const [toPairs, toCounts] = [frame.numbers(2 * columns), frame.bytes(4 * columns)];
      const { memory, numbers } = frame.heap;
      const pairs = numbers.subarray(toPairs / 8, toPairs / 8 + 2 * columns).fill(0);
      const counts = new Int32Array(memory.buffer, toCounts, columns).fill(0);
      family().csrColumnSums(rows, ...arrays, from, toPairs, toCounts);
      const squares = new Float64Array(columns);
      for (let j = 0; j < columns; j++) {
        squares[j] = pairs[2 * j];
        out[j] = pairs[2 * j + 1];
      }
      return { squares, counts: counts.slice() };
    });
    return this.#sums;
  }

  /**
   * A block among the columns taken out of the rows, those taken now that were not; undefined where the copy column by column
   * is to be used.
   */
  #takenBlock(frame: Frame, block: Int32Array): [...Arrays, block: number] | undefined {
    const { columns } = this;
    if (this.#isByColumn || this.#takenBlocks === TAKEN_BLOCKS) return undefined;
    const entries = this.blockEntries(block);
    if (entries > TAKEN_SHARE * this.#entries) return undefined;
    this.#takenBlocks += 1;
    const from = this.#byRows();
    const room = roomFor(this.#entries);
    const to = this.#arraysAt(this.#takenCopy.address, room);
    let taken = this.#taken;
    if (!taken || taken.entries + entries > room)
      taken = { places: new Int32Array(columns), count: 0, entries: 0 };
    this.#taken = taken;
    const [notes, toBlock] = [frame.bytes(4 * (entries + 1)), frame.bytes(4 * block.length)];
    const [toWidths, toNext] = [frame.bytes(columns), frame.bytes(4 * columns)];
    const { buffer } = frame.heap.memory;
    const widths = new Uint8Array(buffer, toWidths, columns).fill(0);
    const next = new Int32Array(buffer, toNext, columns);
    const pointers = new Int32Array(buffer, to[0], columns + 1);
    const numbers = new Int32Array(buffer, toBlock, block.length);
    const { counts } = this.#columnSums();
    const before = taken.count;
    pointers[before] = taken.entries;
    for (let p = 0; p < block.length; p++) {
      const j = block[p];
      if (taken.places[j] === 0) {
        taken.places[j] = ++taken.count;
        widths[j] = 4;
        next[j] = taken.entries;
        taken.entries += counts[j];
        pointers[taken.count] = taken.entries;
      }
      numbers[p] = taken.places[j] - 1;
    }
    if (taken.count > before) family().csrExtract(this.rows, ...from, toWidths, toNext, to[1], to[2], notes);
    return [...to, toBlock];
  }

  /** Numbers stored in the columns of a block. */
  blockEntries(block: Int32Array): number {
    checkBlock(block, this.columns);
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
    if (this.readsRows && !this.#sums) {
      this.#sumsAlong(v, out);
      return;
    }
    const arrays = this.#isByColumn ? this.#byColumns() : this.#byRows();
    withFrame("a product with all columns", (frame) => {
      const from = frame.copy(v);
      const to = frame.numbers(out.length);
      if (this.#isByColumn) family().cscBlockAdjoint(...arrays, 0, out.length, from, to);
      else {
        frame.heap.numbers.fill(0, to / 8, to / 8 + out.length);
        family().csrAdjoint(this.rows, ...arrays, from, to);
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
    const part = firstOf("out", out, block.length);
    if (block.length === 0) return;
    if (this.blockEntries(block) < FEW_ENTRIES) {
      const [pointers, indices, values] = this.#byColumns();
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
    const matrix = this.#byColumns();
    withFrame("a product with a block of columns", (frame) => {
      const places = blockIn(frame, block, this.columns);
      const from = frame.copy(v);
      const to = frame.numbers(block.length);
      family().cscBlockAdjoint(...matrix, places, block.length, from, to);
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
    checkVector("v", v, this.rows);
    const part = firstOf("step", step, block.length);
    if (block.length === 0) return;
    if (this.blockEntries(block) < FEW_ENTRIES) {
      const [pointers, indices, values] = this.#byColumns();
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
    const matrix = this.#byColumns();
    withFrame("a sum of columns", (frame) => {
      const places = blockIn(frame, block, this.columns);
      const factors = frame.copy(part);
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
    return sweepBlock({ rows: this.rows, block, squares, how, x, r }, (frame, ...rest) => {
      const matrix =
        this.#takenBlock(frame, block) ??
        ([...this.#byColumns(), blockIn(frame, block, this.columns)] as const);
      return family().cscSweepColumns(...matrix, ...rest);
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
    const matrix = this.#byColumns();
    withFrame(`the Gram matrix of ${size} columns`, (frame) => {
      const places = blockIn(frame, block, this.columns);
      const factors = weights === undefined ? 0 : frame.copy(weights);
      const to = frame.numbers(size * size);
      const byRow = frame.bytes(4 * (rows + 1));
      const work = frame.bytes(16 * entries);
      family().cscBlockGram(rows, ...matrix, places, size, entries, factors, to, byRow, work);
      copyVectorOut(frame, to, firstOf("out", out, size * size));
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

  /** Whether products with all columns read the rows, in their order: squared norms come along with the first one. */
  get readsRows(): boolean {
    return !this.#isByColumn;
  }

  /** Gives the memory back now; without it, garbage collection does at some time. */
  release(): void {
    this.#byRow.release();
    this.#takenCopy.release();
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
