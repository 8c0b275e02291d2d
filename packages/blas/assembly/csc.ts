// What coordinate methods do with the columns of a sparse matrix.
import { addRow, rowDot } from "./csr";
import { proximalStep, WHOLE_SWEEPS } from "./proximal";
import { add, firstLane, LANES, loadSplat, loadVector, mul, storeVector, withFirstLane } from "./simd";
import { mirrorLower } from "./weighted-gram";

/**
 * The same matrix by compressed columns, rows ascending.
 *
 * @param byColumn columns + 1 pointers, number j + 1 the number of entries of column j; overwritten
 * @param rowsOut written, as is `valuesOut`
 */
export function csrTranspose(
  rows: i32, columns: i32, pointers: usize, indices: usize, values: usize, byColumn: usize, rowsOut: usize,
  valuesOut: usize,
): void {
  // a pointer stands one place further on until its column is full: its end is where the next one begins
  const next = byColumn + 4;
  const last = byColumn + (<usize>columns << 2);
  let sum = 0;
  store<i32>(byColumn, 0);
  for (let at = next; at <= last; at += 4) {
    const count = load<i32>(at);
    store<i32>(at, sum);
    sum += count;
  }
  let at = values;
  for (let i = 0; i < rows; i++) {
    pointers += 4;
    const end = values + (<usize>load<i32>(pointers) << 3);
    for (; at < end; at += 8) {
      const place = next + (<usize>load<i32>(indices) << 2);
      const to = load<i32>(place);
      store<i32>(place, to + 1);
      store<i32>(rowsOut + (<usize>to << 2), i);
      store<f64>(valuesOut + (<usize>to << 3), load<f64>(at));
      indices += 4;
    }
  }
}

/**
 * out = out + A^T v, and along with it adds ||a_j||^2 and the number of entries of every column j to sums: one reading.
 *
 * @param pairs of every column its sum of squares and its number of out, both written
 * @param counts integers of 32 bits
 */
export function csrColumnSums(
  rows: i32, pointers: usize, indices: usize, values: usize, v: usize, pairs: usize, counts: usize,
): void {
  const last = pointers + (<usize>rows << 2);
  let at = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    const factor = loadSplat(v);
    for (; at < end; at += 8) {
      const j = <usize>load<i32>(indices);
      const value = loadSplat(at);
      const pair = pairs + (j << 4);
      storeVector(pair, add(loadVector(pair), mul(value, withFirstLane(factor, firstLane(value)))));
      if (LANES == 1) store<f64>(pair, load<f64>(pair, 8) + firstLane(factor) * firstLane(value), 8);
      const count = counts + (j << 2);
      store<i32>(count, load<i32>(count) + 1);
      indices += 4;
    }
    pointers += 4;
    v += 8;
  }
}

/**
 * Columns by compressed columns, rows ascending. Whether an entry belongs to them cannot be foreseen, so that a processor
 * would mostly guess wrong: each entry is noted, and the note stays where it belongs.
 *
 * @param widths a byte a column: 4, that of a note, for the columns meant, else 0
 * @param places an integer of 32 bits a column: where its next entry goes, if it is meant
 * @param notes workspace: 4 bytes an entry of these columns, and 4 more
 */
export function csrExtract(
  rows: i32, pointers: usize, indices: usize, values: usize, widths: usize, places: usize, rowsOut: usize,
  valuesOut: usize, notes: usize,
): void {
  const entries = load<i32>(pointers + (<usize>rows << 2));
  let note = notes;
  for (let k = 0; k < entries; k++) {
    store<i32>(note, k);
    note += <usize>load<u8>(widths + <usize>load<i32>(indices + (<usize>k << 2)));
  }
  let i = -1;
  let end = 0;
  for (; notes < note; notes += 4) {
    const from = <usize>load<i32>(notes);
    for (; <i32>from >= end; i++) {
      pointers += 4;
      end = load<i32>(pointers);
    }
    const place = places + (<usize>load<i32>(indices + (from << 2)) << 2);
    const to = load<i32>(place);
    store<i32>(place, to + 1);
    store<i32>(rowsOut + (<usize>to << 2), i);
    store<f64>(valuesOut + (<usize>to << 3), load<f64>(values + (from << 3)));
  }
}

/** Where column of place p of a block begins; block 0 has all columns. */
@inline
function beginOf(pointers: usize, block: usize, p: i32): usize {
  return pointers + (<usize>(block == 0 ? p : load<i32>(block + (<usize>p << 2))) << 2);
}

/** out = A_b^T v. */
export function cscBlockAdjoint(
  pointers: usize, indices: usize, values: usize, block: usize, size: i32, v: usize, out: usize,
): void {
  for (let p = 0; p < size; p++) {
    const column = beginOf(pointers, block, p);
    const begin = <usize>load<i32>(column);
    store<f64>(
      out, rowDot(indices + (begin << 2), values + (begin << 3), values + (<usize>load<i32>(column, 4) << 3), v),
    );
    out += 8;
  }
}

/** v = v + A_b step; columns with step 0 are not read. */
export function cscAddColumns(
  pointers: usize, indices: usize, values: usize, block: usize, size: i32, step: usize, v: usize,
): void {
  for (let p = 0; p < size; p++) {
    const factor = load<f64>(step + (<usize>p << 3));
    if (factor == 0) continue;
    const column = beginOf(pointers, block, p);
    const begin = <usize>load<i32>(column);
    addRow(
      indices + (begin << 2), values + (begin << 3), values + (<usize>load<i32>(column, 4) << 3), factor, v,
    );
  }
}

/** `sweepColumns` for a sparse matrix. */
export function cscSweepColumns(
  pointers: usize, indices: usize, values: usize, block: usize, size: i32, squares: usize, lambda: f64,
  nonnegative: i32, most: i32, share: f64, x: usize, r: usize,
): i32 {
  let goal = 0.0;
  let whole = true;
  for (let sweep = 1; sweep <= most; sweep++) {
    let moved = 0.0;
    for (let p = 0; p < size; p++) {
      const place = <usize>p << 3;
      const old = load<f64>(x + place);
      const square = load<f64>(squares + place);
      if (square == 0 || (!whole && old == 0)) continue;
      const column = beginOf(pointers, block, p);
      const begin = <usize>load<i32>(column);
      const rows = indices + (begin << 2);
      const first = values + (begin << 3);
      const end = values + (<usize>load<i32>(column, 4) << 3);
      const next = proximalStep(old, rowDot(rows, first, end, r), square, lambda, nonnegative);
      const step = next - old;
      if (step == 0) continue;
      addRow(rows, first, end, step, r);
      store<f64>(x + place, next);
      moved += square * step * step;
    }
    if (sweep == 1) goal = share * moved;
    const small = !(moved > goal);
    if (whole && small) return sweep;
    whole = small || sweep % WHOLE_SWEEPS == 0;
  }
  return most;
}

/**
 * A_b^T diag(w) A_b, size x size, exactly symmetric. Only pairs of columns that meet in a row take time. Sums go over the
 * rows in order, whichever way the pairs are found.
 *
 * @param weights one number a row; 0 for no weights
 * @param byRow workspace: rows + 1 integers of 32 bits
 * @param work workspace: 16 bytes an entry of the block
 */
export function cscBlockGram(
  rows: i32, pointers: usize, indices: usize, values: usize, block: usize, size: i32, entries: i32, weights: usize,
  out: usize, byRow: usize, work: usize,
): void {
  memory.fill(out, 0, (<usize>size * <usize>size) << 3);
  memory.fill(byRow, 0, <usize>(rows + 1) << 2);
  if (entries < rows) linkedGram(pointers, indices, values, block, size, weights, out, byRow, work);
  else orderedGram(rows, pointers, indices, values, block, size, entries, weights, out, byRow, work);
  mirrorLower(size, out);
}

/**
 * The lower triangle for fewer entries than rows: the entries of a row are linked.
 *
 * @param heads of each row its last entry so far, counted from 1; all 0
 * @param links 16 bytes an entry: value, place in the block, and the entry before it in its row
 */
@inline
function linkedGram(
  pointers: usize, indices: usize, values: usize, block: usize, size: i32, weights: usize, out: usize, heads: usize,
  links: usize,
): void {
  const row = <usize>size << 3;
  let count = 0;
  for (let p = 0; p < size; p++) {
    const column = beginOf(pointers, block, p);
    const end = load<i32>(column, 4);
    const sums = out + <usize>p * row;
    for (let k = load<i32>(column); k < end; k++) {
      const i = <usize>load<i32>(indices + (<usize>k << 2));
      const value = load<f64>(values + (<usize>k << 3));
      const link = links + (<usize>count << 4);
      const head = heads + (i << 2);
      store<f64>(link, value);
      store<i32>(link, p, 8);
      store<i32>(link, load<i32>(head), 12);
      count += 1;
      store<i32>(head, count);
      const factor = weights == 0 ? value : value * load<f64>(weights + (i << 3));
      for (let other = count; other != 0; ) {
        const at = links + (<usize>(other - 1) << 4);
        const sum = sums + (<usize>load<i32>(at, 8) << 3);
        store<f64>(sum, load<f64>(sum) + factor * load<f64>(at));
        other = load<i32>(at, 12);
      }
    }
  }
}

/** The lower triangle for more: the block is ordered by rows first, so that the entries of a row stand side by side. */
@inline
function orderedGram(
  rows: i32, pointers: usize, indices: usize, values: usize, block: usize, size: i32, entries: i32, weights: usize,
  out: usize, byRow: usize, valuesByRow: usize,
): void {
  const row = <usize>size << 3;
  const places = valuesByRow + (<usize>entries << 3);
  orderByRows(rows, pointers, indices, values, block, size, byRow, places, valuesByRow);
  let place = places;
  let begin = valuesByRow;
  for (let i = 0; i < rows; i++) {
    byRow += 4;
    const end = valuesByRow + (<usize>load<i32>(byRow) << 3);
    const first = place;
    for (let at = begin; at < end; at += 8) {
      const value = load<f64>(at);
      const factor = weights == 0 ? value : value * load<f64>(weights + (<usize>i << 3));
      addRow(first, begin, at + 8, factor, out + <usize>load<i32>(place) * row);
      place += 4;
    }
    begin = end;
  }
}

/**
 * The columns of a block by compressed rows, places in the block ascending.
 *
 * @param byRow rows + 1 integers of 32 bits, all 0
 */
@inline
function orderByRows(
  rows: i32, pointers: usize, indices: usize, values: usize, block: usize, size: i32, byRow: usize, placesOut: usize,
  valuesOut: usize,
): void {
  for (let p = 0; p < size; p++) {
    const column = beginOf(pointers, block, p);
    const end = indices + (<usize>load<i32>(column, 4) << 2);
    for (let at = indices + (<usize>load<i32>(column) << 2); at < end; at += 4) {
      const count = byRow + (<usize>load<i32>(at) << 2);
      store<i32>(count, load<i32>(count) + 1);
    }
  }
  // pointers to the ends of the rows, which filling from the last column on turns into their beginnings
  let sum = 0;
  for (let i = 0; i <= rows; i++) {
    const place = byRow + (<usize>i << 2);
    sum += load<i32>(place);
    store<i32>(place, sum);
  }
  for (let p = size - 1; p >= 0; p--) {
    const column = beginOf(pointers, block, p);
    const begin = load<i32>(column);
    for (let k = load<i32>(column, 4) - 1; k >= begin; k--) {
      const pointer = byRow + (<usize>load<i32>(indices + (<usize>k << 2)) << 2);
      const place = load<i32>(pointer) - 1;
      store<i32>(pointer, place);
      store<i32>(placesOut + (<usize>place << 2), p);
      store<f64>(valuesOut + (<usize>place << 3), load<f64>(values + (<usize>k << 3)));
    }
  }
}
