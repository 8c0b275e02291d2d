// A sparse matrix in slices of a few lines, rows or columns, of about equal length, whose entries take turns: all lines of a
// slice are summed at once, each from its first entry to its last, and their loops end where a processor expects it.
// Source: Kreutzer et al. 2014, "A unified sparse matrix data format ... on modern processors with wide SIMD units".
import { add, firstLane, gather, gatherNext, LANES, lastLane, loadNext, loadVector, mul, WIDTH, zero } from "./simd";

/** Lines of a slice. */
const LINES: i32 = 2 * LANES;
/** Lines that are ordered together by length: slices stay near the lines' places. */
const WINDOW: i32 = 4096;
/** Lengths are ordered by so many bits at a time. */
const DIGIT: i32 = 11;
const DIGITS: i32 = 1 << DIGIT;

/** Bytes of workspace for `sliceLines`. */
export function slicesWorkspace(lines: i32): usize {
  return (<usize>lines << 4) + (<usize>(WINDOW + DIGITS) << 2);
}

/** A line while it is filled: the place of its next entry, the step to the one after, entries before its own part, its place. */
@inline
function cursorOf(cursors: usize, line: i32): usize {
  return cursors + (<usize>line << 4);
}

/** Counts the entries of columns in their cursors, for some rows. */
export function countEntries(rows: i32, pointers: usize, indices: usize, cursors: usize): void {
  const end = indices + (<usize>load<i32>(pointers + (<usize>rows << 2)) << 2);
  for (indices += <usize>load<i32>(pointers) << 2; indices < end; indices += 4) {
    const count = cursorOf(cursors, load<i32>(indices));
    store<i32>(count, load<i32>(count) + 1);
  }
}

/** Orders the lines of a window by length, those of equal length as they come. */
export function orderWindow(first: i32, count: i32, cursors: usize, order: usize, work: usize): void {
  const counts = work + (<usize>WINDOW << 2);
  let longest = 0;
  for (let t = 0; t < count; t++) {
    longest = max(longest, load<i32>(cursorOf(cursors, first + t)));
    store<i32>(order + (<usize>t << 2), first + t);
  }
  for (let shift = 0; shift < 32 && longest >> shift != 0; shift += DIGIT) {
    memory.fill(counts, 0, <usize>DIGITS << 2);
    for (let t = 0; t < count; t++) {
      const place = placeOf(load<i32>(cursorOf(cursors, first + t)), shift, counts);
      store<i32>(place, load<i32>(place) + 1);
    }
    let sum = 0;
    for (let place = counts; place < counts + (<usize>DIGITS << 2); place += 4) {
      const size = load<i32>(place);
      store<i32>(place, sum);
      sum += size;
    }
    for (let t = 0; t < count; t++) {
      const line = load<i32>(order + (<usize>t << 2));
      const place = placeOf(load<i32>(cursorOf(cursors, line)), shift, counts);
      const to = load<i32>(place);
      store<i32>(place, to + 1);
      store<i32>(work + (<usize>to << 2), line);
    }
    memory.copy(order, work, <usize>count << 2);
  }
}

/** Where lines of a digit of their length are counted. */
@inline
function placeOf(length: i32, shift: i32, counts: usize): usize {
  return counts + (<usize>((length >> shift) & (DIGITS - 1)) << 2);
}

/**
 * Gives lines their places: slices one after the other, in each what all its lines have, then what only one of them has.
 *
 * @param lines in their order; the last of all need not fill a slice
 * @param place of the first
 * @returns the place after the last
 */
export function placeLines(lines: i32, place: i32, cursors: usize, order: usize, lengths: usize): i32 {
  for (; lines > 0; lines -= LINES) {
    const shared = lines < LINES ? 0 : load<i32>(cursorOf(cursors, load<i32>(order)));
    let own = place + LINES * shared;
    for (let t = 0; t < min(LINES, lines); t++) {
      const cursor = cursorOf(cursors, load<i32>(order));
      const length = load<i32>(cursor);
      store<i32>(lengths, length);
      store<i32>(cursor, shared == 0 ? own : place + t);
      store<i32>(cursor, shared == 0 ? 1 : LINES, 4);
      store<i32>(cursor, shared, 8);
      store<i32>(cursor, own, 12);
      own += length - shared;
      order += 4;
      lengths += 4;
    }
    place = own;
  }
  return place;
}

/** Copies the entries of `count` rows from `first` on to the places of their lines. */
export function fillSlices(
  first: i32, count: i32, pointers: usize, indices: usize, values: usize, byColumn: bool, cursors: usize,
  indicesOut: usize, valuesOut: usize,
): void {
  pointers += <usize>first << 2;
  const begin = <usize>load<i32>(pointers);
  const origin = values;
  indices += begin << 2;
  values += begin << 3;
  for (let i = first; i < first + count; i++) {
    pointers += 4;
    for (const end = origin + (<usize>load<i32>(pointers) << 3); values < end; values += 8) {
      const column = load<i32>(indices);
      const cursor = cursorOf(cursors, byColumn ? column : i);
      const to = load<i32>(cursor);
      store<i32>(indicesOut + (<usize>to << 2), byColumn ? i : column);
      store<f64>(valuesOut + (<usize>to << 3), load<f64>(values));
      const left = load<i32>(cursor, 8) - 1;
      store<i32>(cursor, left, 8);
      if (left == 0) store<i32>(cursor, 1, 4);
      store<i32>(cursor, left == 0 ? load<i32>(cursor, 12) : to + load<i32>(cursor, 4));
      indices += 4;
    }
  }
}

/**
 * Puts compressed rows into slices of rows, or of columns.
 *
 * @param order of the lines, written, as are the lengths of the lines in this order, `indicesOut` and `valuesOut`
 * @param work `slicesWorkspace(lines)` bytes
 */
export function sliceLines(
  rows: i32, columns: i32, pointers: usize, indices: usize, values: usize, byColumn: bool, order: usize,
  lengths: usize, indicesOut: usize, valuesOut: usize, work: usize,
): void {
  const lines = byColumn ? columns : rows;
  const cursors = work + (<usize>(WINDOW + DIGITS) << 2);
  if (byColumn) {
    memory.fill(cursors, 0, <usize>columns << 4);
    for (let i = 0; i < rows; i += WINDOW)
      countEntries(min(WINDOW, rows - i), pointers + (<usize>i << 2), indices, cursors);
  } else
    for (let i = 0; i < rows; i++) {
      const pointer = pointers + (<usize>i << 2);
      store<i32>(cursorOf(cursors, i), load<i32>(pointer, 4) - load<i32>(pointer));
    }
  let place = 0;
  for (let first = 0; first < lines; first += WINDOW) {
    const count = min(WINDOW, lines - first);
    const at = <usize>first << 2;
    orderWindow(first, count, cursors, order + at, work);
    place = placeLines(count, place, cursors, order + at, lengths + at);
  }
  for (let i = 0; i < rows; i += WINDOW)
    fillSlices(i, min(WINDOW, rows - i), pointers, indices, values, byColumn, cursors, indicesOut, valuesOut);
}

/** Where the result of a line is. */
@inline
function resultOf(order: usize, out: usize): usize {
  return out + (<usize>load<i32>(order) << 3);
}

/** Adds entries of one line to its result. */
@inline
function addOwn(indices: usize, values: usize, end: usize, x: usize, result: usize): void {
  let sum = load<f64>(result);
  for (; values < end; values += 8) {
    sum += load<f64>(values) * load<f64>(x + (<usize>load<i32>(indices) << 3));
    indices += 4;
  }
  store<f64>(result, sum);
}

/** Every line times x, from its first entry to its last: A x for slices of rows, A^T x for slices of columns. */
export function slicedProduct(
  lines: i32, order: usize, lengths: usize, indices: usize, values: usize, x: usize, out: usize,
): void {
  const last = order + (<usize>lines << 2);
  for (const whole = last - (<usize>(lines % LINES) << 2); order < whole; order += LINES << 2) {
    const shared = load<i32>(lengths);
    let s0 = zero();
    let s1 = zero();
    for (const end = values + <usize>shared * (2 * WIDTH); values < end; values += 2 * WIDTH) {
      s0 = add(s0, mul(loadVector(values), gather(indices, x)));
      s1 = add(s1, mul(loadNext(values), gatherNext(indices, x)));
      indices += LINES << 2;
    }
    store<f64>(resultOf(order, out), firstLane(s0));
    if (LANES > 1) store<f64>(resultOf(order + 4, out), lastLane(s0));
    store<f64>(resultOf(order + (LANES << 2), out), firstLane(s1));
    if (LANES > 1) store<f64>(resultOf(order + 12, out), lastLane(s1));
    // the last is the longest
    if (load<i32>(lengths + ((LINES - 1) << 2)) != shared)
      for (let at: usize = 4; at < <usize>LINES << 2; at += 4) {
        const end = values + (<usize>(load<i32>(lengths + at) - shared) << 3);
        addOwn(indices, values, end, x, resultOf(order + at, out));
        indices += (end - values) >> 1;
        values = end;
      }
    lengths += LINES << 2;
  }
  for (; order < last; order += 4) {
    const end = values + (<usize>load<i32>(lengths) << 3);
    store<f64>(resultOf(order, out), 0);
    addOwn(indices, values, end, x, resultOf(order, out));
    indices += (end - values) >> 1;
    values = end;
    lengths += 4;
  }
}
