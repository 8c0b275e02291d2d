import { OutOfMemoryError } from "../errors.ts";
import { withFrame } from "../memory.ts";
import { COPIES_LIMIT, ResidentCopy } from "../resident-copy.ts";
import { placesFrom, roundUp } from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";

/** Fewer entries are read from cache, and a copy more would cost more memory than time. */
const MANY_ENTRIES = 2 ** 16;
/**
 * Products by rows before slices are made: in the time that making them takes, so many products can be saved. Twice as many
 * each time that other copies have taken their place: matrices used in turns would drop each other's slices.
 */
const PATIENCE = 20;

/** A sparse matrix with a given number of entries, copied row by row. */
export interface SlicedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly entries: number;
  /** Its copy by compressed rows. */
  readonly copy: ResidentCopy;
}

/**
 * The rows of a sparse matrix, or its columns, in slices of a few of about equal length, for products that are repeated: a
 * copy in WebAssembly memory, made of the one row by row after some products.
 */
export class SparseSlices {
  readonly #copy: ResidentCopy;
  readonly #lines: number;
  readonly #entries: number;
  /** Whether there is room for it beside the rows, the slices of the other direction and vectors of both lengths. */
  readonly #fits: boolean;
  #products = 0;
  #patience = PATIENCE;
  /** Whether they were made, and not given back by `release`. */
  #made = false;

  constructor({ rows, columns, entries, copy }: SlicedMatrix, direction: "rows" | "columns") {
    const lines = direction === "rows" ? rows : columns;
    const bytes = 8 * entries + roundUp(4 * entries) + 8 * lines;
    this.#lines = lines;
    this.#entries = entries;
    this.#fits = entries >= MANY_ENTRIES && 4 * (12 * entries + 40 * (rows + columns)) <= COPIES_LIMIT;
    this.#copy = new ResidentCopy(
      bytes,
      `the ${direction} of a sparse ${rows} x ${columns} matrix of ${entries} entries in slices`,
      (_, address) =>
        withFrame("the order of lines", (frame) => {
          const { pointers, indices, values } = placesFrom(copy.address, entries);
          const [order, lengths, ...to] = this.#placesFrom(address);
          const work = frame.bytes(family().slicesWorkspace(lines));
          family().sliceLines(
            ...([rows, columns, pointers, indices, values, direction === "columns"] as const),
            ...([order, lengths, ...to, work] as const),
          );
        }),
    );
  }

  #placesFrom(address: number) {
    const { indices, values, pointers: order } = placesFrom(address, this.#entries);
    return [order, order + 4 * this.#lines, indices, values] as const;
  }

  /** Counts a product; whether it is to be made by `product`, for which there are slices then. */
  pays(): boolean {
    if (!this.#fits) return false;
    if (this.#made && this.#copy.loaded === undefined) this.#wait();
    this.#products += 1;
    return this.#products > this.#patience && this.#make();
  }

  #wait(): void {
    this.#made = false;
    this.#products = 0;
    this.#patience *= 2;
  }

  /** Makes the slices, unless they are there; false where memory has no room for them, which the rows do without. */
  #make(): boolean {
    try {
      this.#copy.load();
      this.#made = true;
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      this.#wait();
    }
    return this.#made;
  }

  /** out = every line times x, from its first entry to its last; both in WebAssembly memory. */
  product(x: number, out: number): void {
    family().slicedProduct(this.#lines, ...this.#placesFrom(this.#copy.address), x, out);
  }

  /** Gives the memory back; the copy is made again when it is used again. */
  release(): void {
    this.#copy.release();
    this.#made = false;
  }
}
