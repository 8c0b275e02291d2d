import { copyVectorOut } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { bytesOf, type CompressedRows, placesFrom, roundUp, writeCompressedRows } from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";

/**
 * Columns from which the products are in tiles. Measured on an x86-64 server with 1 MiB of second-level cache, about 5
 * entries a row, times of A x and of A^T v in tiles over those by rows: 0.74 for 200,000 columns, 0.5 for a million. Tiles
 * are made in the time of 4 to 7 products. Matrices of few columns are rather those of data, whose other passes need the
 * rows beside the tiles.
 */
const MANY_COLUMNS = 2 ** 16;
/** Rows of more entries, in the mean, are summed in registers, in another order. */
const SHORT_ROWS = 12;
/** Fewer entries in a tile, in the mean, do not make up for going from tile to tile. */
const LEAST_PER_TILE = 256;

const tilesOf = ({ rows, columns }: CompressedRows): number => {
  const { tilesAlong } = family();
  return tilesAlong(rows) * tilesAlong(columns);
};

/** Rows whose entries are looked at, at most. */
const SAMPLE = 4096;
/**
 * Where fewer entries lie in another tile than the one before in their row, the rows stay in cache by themselves, and in
 * tiles each sum waits for the last: products with the Laplacian of a grid of 1,000 x 1,000 cells take 1.1 to 1.2 times the
 * time in tiles.
 */
const LEAST_SHARE = 0.25;

/** Whether rows reach from tile to tile: by some of them, evenly spaced. */
function isScattered({ rows, rowPointers, columnIndices }: CompressedRows): boolean {
  const { tilesAlong } = family();
  const tileOf = (k: number) => tilesAlong(columnIndices[k] + 1);
  let [pairs, apart] = [0, 0];
  for (let i = 0; i < rows; i += Math.ceil(rows / SAMPLE))
    for (let k = rowPointers[i] + 1; k < rowPointers[i + 1]; k++) {
      pairs += 1;
      apart += Number(tileOf(k) !== tileOf(k - 1));
    }
  return apart >= LEAST_SHARE * pairs;
}

/** Whether the products of a matrix are faster in tiles, whose sums have the order of those by rows. */
export function fitsTiles(matrix: CompressedRows): boolean {
  const { rows, columns, values } = matrix;
  return (
    columns >= MANY_COLUMNS &&
    values.length < SHORT_ROWS * rows &&
    values.length >= LEAST_PER_TILE * tilesOf(matrix) &&
    isScattered(matrix)
  );
}

/** A large sparse matrix in square tiles, for products: a copy in WebAssembly memory as those of `SparseRows`. */
export class SparseTiles {
  readonly #rows: number;
  readonly #columns: number;
  readonly #entries: number;
  readonly #copy: ResidentCopy;
  #isFinite = true;

  /** @param matrix with arrays that fit */
  constructor(matrix: CompressedRows) {
    const { rows, columns, values } = matrix;
    this.#rows = rows;
    this.#columns = columns;
    this.#entries = values.length;
    this.#copy = new ResidentCopy(
      12 * values.length + 8 + roundUp(4 * (tilesOf(matrix) + 1)),
      `a sparse ${rows} x ${columns} matrix of ${values.length} entries in tiles`,
      (heap, address) =>
        withFrame("the rows of a sparse matrix", (frame) => {
          const from = frame.bytes(bytesOf(values.length, rows));
          const written = writeCompressedRows(heap, from, matrix, family());
          const { pointers, indices, values: entries } = written;
          this.#isFinite = written.isFinite;
          const to = placesFrom(address, values.length);
          family().tileEntries(
            ...([rows, columns, pointers, indices, entries] as const),
            ...([to.pointers, to.indices, to.values] as const),
          );
        }),
    );
  }

  /** out = the sums that a pass over the tiles adds to zeros. */
  #sumInto(out: Float64Array, v: Float64Array, pass: "tiledProduct" | "tiledAdjoint"): void {
    const { pointers, indices, values } = placesFrom(this.#copy.address, this.#entries);
    withFrame("a product with a sparse matrix", (frame) => {
      const from = frame.copy(v);
      const to = frame.numbers(out.length);
      frame.heap.numbers.fill(0, to / 8, to / 8 + out.length);
      family()[pass](this.#rows, this.#columns, pointers, indices, values, from, to);
      copyVectorOut(frame, to, out);
    });
  }

  /** out = A x, for vectors that fit. */
  product(x: Float64Array, out: Float64Array): void {
    this.#sumInto(out, x, "tiledProduct");
  }

  /** out = A^T v, for vectors that fit. */
  adjoint(v: Float64Array, out: Float64Array): void {
    this.#sumInto(out, v, "tiledAdjoint");
  }

  /** Makes the copy now, unless it is there. */
  load(): void {
    this.#copy.load();
  }

  /** Whether all numbers of the last copy were finite. */
  get isFinite(): boolean {
    return this.#isFinite;
  }

  release(): void {
    this.#copy.release();
  }
}
