// A large sparse matrix in square tiles: the parts of both vectors that a tile touches stay in cache, and in the table of
// pages that a processor keeps. An entry has two numbers of 16 bits for its row and column within the tile.

/** Rows and columns of a tile: 2^15, so that its parts of two vectors have 512 KiB. */
const SHIFT: i32 = 15;
const WITHIN: i32 = (1 << SHIFT) - 1;

/** Tiles side by side. */
export function tilesAlong(size: i32): i32 {
  return ((size - 1) >> SHIFT) + 1;
}

/**
 * Puts the entries of compressed rows into tiles, column by column of tiles: of a tile's rows they come in order, so that
 * its part of a vector with a number a row streams by, and the other part stays. Within a tile entries keep their order.
 *
 * @param ends where the entries of each tile end, overwritten: integers of 32 bits, after one of 0
 * @param places of two numbers of 16 bits an entry
 */
export function tileEntries(
  rows: i32, columns: i32, pointers: usize, indices: usize, values: usize, ends: usize, places: usize,
  valuesOut: usize,
): void {
  const down = tilesAlong(rows);
  const tiles = down * tilesAlong(columns);
  memory.fill(ends, 0, <usize>(tiles + 1) << 2);
  const next = ends + 4;
  countTiles(rows, down, pointers, indices, next);
  // each tile's beginning, which placing its entries turns into its end
  let sum = 0;
  for (let t = 0; t < tiles; t++) {
    const at = next + (<usize>t << 2);
    const count = load<i32>(at);
    store<i32>(at, sum);
    sum += count;
  }
  placeInTiles(rows, down, pointers, indices, values, next, places, valuesOut);
}

/** Counts the entries of each tile. */
export function countTiles(rows: i32, down: i32, pointers: usize, indices: usize, counts: usize): void {
  for (let i = 0; i < rows; i++) {
    const first = counts + (<usize>(i >> SHIFT) << 2);
    const end = indices + (<usize>load<i32>(pointers + (<usize>(i + 1) << 2)) << 2);
    for (let at = indices + (<usize>load<i32>(pointers + (<usize>i << 2)) << 2); at < end; at += 4) {
      const count = first + (<usize>((load<i32>(at) >> SHIFT) * down) << 2);
      store<i32>(count, load<i32>(count) + 1);
    }
  }
}

/** Copies each entry to the next place of its tile. */
export function placeInTiles(
  rows: i32, down: i32, pointers: usize, indices: usize, values: usize, next: usize, places: usize,
  valuesOut: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const first = next + (<usize>(i >> SHIFT) << 2);
    const end = load<i32>(pointers + (<usize>(i + 1) << 2));
    for (let k = load<i32>(pointers + (<usize>i << 2)); k < end; k++) {
      const column = load<i32>(indices + (<usize>k << 2));
      const tile = first + (<usize>((column >> SHIFT) * down) << 2);
      const to = load<i32>(tile);
      store<i32>(tile, to + 1);
      store<i32>(places + (<usize>to << 2), (i & WITHIN) | ((column & WITHIN) << 16));
      store<f64>(valuesOut + (<usize>to << 3), load<f64>(values + (<usize>k << 3)));
    }
  }
}

/** out = out + A x, from the left to the right of each row. */
export function tiledProduct(
  rows: i32, columns: i32, ends: usize, places: usize, values: usize, x: usize, out: usize,
): void {
  const along = tilesAlong(columns);
  const down = tilesAlong(rows);
  for (let j = 0; j < along; j++)
    for (let i = 0; i < down; i++) {
      const tile = ends + (<usize>(j * down + i) << 2);
      addTile(
        places + (<usize>load<i32>(tile) << 2), values + (<usize>load<i32>(tile) << 3),
        values + (<usize>load<i32>(tile, 4) << 3), x + (<usize>(j << SHIFT) << 3), out + (<usize>(i << SHIFT) << 3),
      );
    }
}

/** out = out + A^T v, from the top to the bottom of each column. */
export function tiledAdjoint(
  rows: i32, columns: i32, ends: usize, places: usize, values: usize, v: usize, out: usize,
): void {
  const along = tilesAlong(columns);
  const down = tilesAlong(rows);
  for (let j = 0; j < along; j++)
    for (let i = 0; i < down; i++) {
      const tile = ends + (<usize>(j * down + i) << 2);
      addTileTransposed(
        places + (<usize>load<i32>(tile) << 2), values + (<usize>load<i32>(tile) << 3),
        values + (<usize>load<i32>(tile, 4) << 3), v + (<usize>(i << SHIFT) << 3), out + (<usize>(j << SHIFT) << 3),
      );
    }
}

/** out = out + T x for a tile T. */
export function addTile(places: usize, values: usize, end: usize, x: usize, out: usize): void {
  while (values < end) {
    const to = out + (<usize>load<u16>(places) << 3);
    const from = x + (<usize>load<u16>(places, 2) << 3);
    store<f64>(to, load<f64>(to) + load<f64>(values) * load<f64>(from));
    values += 8;
    places += 4;
  }
}

/** out = out + T^T v for a tile T. */
export function addTileTransposed(places: usize, values: usize, end: usize, v: usize, out: usize): void {
  while (values < end) {
    const from = v + (<usize>load<u16>(places) << 3);
    const to = out + (<usize>load<u16>(places, 2) << 3);
    store<f64>(to, load<f64>(to) + load<f64>(values) * load<f64>(from));
    values += 8;
    places += 4;
  }
}
