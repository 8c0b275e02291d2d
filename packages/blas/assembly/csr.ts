// Passes over a sparse matrix by compressed rows: pointers and column numbers of 32 bits, values in float64.
import {
  add, descentsOf, firstLane, gather, gatherNext, LANES, lastLane, loadNext, loadSplat, loadSplat1, loadVector, mul,
  storeVector, Vector, WIDTH, withFirstLane, zero,
} from "./simd";

/** Where a number of a row's column is. */
@inline
function placeOf(indices: usize, base: usize): usize {
  return base + (<usize>load<i32>(indices) << 3);
}

/** Whether row pointers ascend from 0 to `entries`. */
export function pointersFit(rows: i32, entries: i32, pointers: usize): i32 {
  const last = pointers + (<usize>rows << 2);
  if (load<i32>(pointers) != 0 || load<i32>(last) != entries) return 0;
  for (let at = pointers; at < last; at += 4) if (load<i32>(at) > load<i32>(at, 4)) return 0;
  return 1;
}

/**
 * Whether columns ascend within each of some rows and every one is one of the matrix's: then the first and the last of a
 * row tell. Columns may descend where a row begins: descents are counted, all of them and those, without a branch an entry.
 *
 * @param pointers of the first of the rows, which fit
 * @param indices of the whole matrix
 */
export function rowsFit(rows: i32, columns: i32, pointers: usize, indices: usize): i32 {
  const last = pointers + (<usize>rows << 2);
  let place = indices + (<usize>load<i32>(pointers) << 2);
  // whatever stands before the first column, both counts have the descent from there
  let descents = descentsOf(place, indices + (<usize>load<i32>(last) << 2));
  let outside = 0;
  while (pointers < last) {
    pointers += 4;
    const end = indices + (<usize>load<i32>(pointers) << 2);
    if (place < end) {
      const first = load<i32>(place);
      descents -= <i32>(first <= load<i32>(place - 4));
      outside |= first | (columns - 1 - load<i32>(end - 4));
    }
    place = end;
  }
  return <i32>(outside >= 0 && descents == 0);
}

/** Rows of fewer entries, in the mean, are summed by one loop: the second one's end would be mispredicted too. */
const FEW_ENTRIES = 12;

/** Whether rows are short in the mean. */
@inline
function hasShortRows(rows: i32, pointers: usize): bool {
  return <f64>load<i32>(pointers + (<usize>rows << 2)) < <f64>FEW_ENTRIES * <f64>rows;
}

/** The product of a row with a vector from left to right: the faster way where rows are short. */
@inline
function shortRowDot(indices: usize, values: usize, end: usize, x: usize): f64 {
  let sum = 0.0;
  while (values < end) {
    sum += load<f64>(values) * load<f64>(placeOf(indices, x));
    values += 8;
    indices += 4;
  }
  return sum;
}

/** The product of a row with a vector, in four sums. */
@inline
export function rowDot(indices: usize, values: usize, end: usize, x: usize): f64 {
  let s0 = 0.0;
  let s1 = 0.0;
  let s2 = 0.0;
  let s3 = 0.0;
  if (LANES > 1) {
    let first = zero();
    let second = zero();
    while (values + 32 <= end) {
      first = add(first, mul(loadVector(values), gather(indices, x)));
      second = add(second, mul(loadNext(values), gatherNext(indices, x)));
      values += 32;
      indices += 16;
    }
    s0 = firstLane(first);
    s1 = lastLane(first);
    s2 = firstLane(second);
    s3 = lastLane(second);
  } else
    while (values + 32 <= end) {
      s0 += load<f64>(values) * load<f64>(x + (<usize>load<i32>(indices) << 3));
      s1 += load<f64>(values, 8) * load<f64>(x + (<usize>load<i32>(indices, 4) << 3));
      s2 += load<f64>(values, 16) * load<f64>(x + (<usize>load<i32>(indices, 8) << 3));
      s3 += load<f64>(values, 24) * load<f64>(x + (<usize>load<i32>(indices, 12) << 3));
      values += 32;
      indices += 16;
    }
  while (values < end) {
    s0 += load<f64>(values) * load<f64>(placeOf(indices, x));
    values += 8;
    indices += 4;
  }
  return s0 + s1 + (s2 + s3);
}

/** y = y + factor times a row. */
@inline
export function addRow(indices: usize, values: usize, end: usize, factor: f64, y: usize): void {
  while (values < end) {
    const place = placeOf(indices, y);
    store<f64>(place, load<f64>(place) + factor * load<f64>(values));
    values += 8;
    indices += 4;
  }
}

/** `addRow`, four numbers at a time: faster where the row was just read by `rowDot`, which goes the same way. */
@inline
function addRowInFours(indices: usize, values: usize, end: usize, factor: f64, y: usize): void {
  while (values + 32 <= end) {
    const p0 = placeOf(indices, y);
    const p1 = y + (<usize>load<i32>(indices, 4) << 3);
    const p2 = y + (<usize>load<i32>(indices, 8) << 3);
    const p3 = y + (<usize>load<i32>(indices, 12) << 3);
    store<f64>(p0, load<f64>(p0) + factor * load<f64>(values));
    store<f64>(p1, load<f64>(p1) + factor * load<f64>(values, 8));
    store<f64>(p2, load<f64>(p2) + factor * load<f64>(values, 16));
    store<f64>(p3, load<f64>(p3) + factor * load<f64>(values, 24));
    values += 32;
    indices += 16;
  }
  addRow(indices, values, end, factor, y);
}

/** out = A x. */
export function csrProduct(rows: i32, pointers: usize, indices: usize, values: usize, x: usize, out: usize): void {
  if (hasShortRows(rows, pointers)) return csrShortProduct(rows, pointers, indices, values, x, out);
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    store<f64>(out, rowDot(indices, begin, end, x));
    indices += (end - begin) >> 1;
    begin = end;
    pointers += 4;
    out += 8;
  }
}

/** `csrProduct` for short rows. */
function csrShortProduct(
  rows: i32, pointers: usize, indices: usize, values: usize, x: usize, out: usize,
): void {
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    store<f64>(out, shortRowDot(indices, begin, end, x));
    indices += (end - begin) >> 1;
    begin = end;
    pointers += 4;
    out += 8;
  }
}

/** out = out + A^T v. */
export function csrAdjoint(rows: i32, pointers: usize, indices: usize, values: usize, v: usize, out: usize): void {
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    const factor = load<f64>(v);
    if (factor != 0) addRow(indices, begin, end, factor, out);
    indices += (end - begin) >> 1;
    begin = end;
    pointers += 4;
    v += 8;
  }
}

/** out = out + A^T diag(w) A v, in one pass. */
export function csrWeightedProduct(
  rows: i32, pointers: usize, indices: usize, values: usize, weights: usize, v: usize, out: usize,
): void {
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    addRowInFours(indices, begin, end, load<f64>(weights) * rowDot(indices, begin, end, v), out);
    indices += (end - begin) >> 1;
    begin = end;
    pointers += 4;
    weights += 8;
  }
}

/** The lower triangle of  out = out + A^T diag(w) A,  rows `row` bytes apart; columns ascend within a row of A. */
export function csrWeightedGram(
  rows: i32, pointers: usize, indices: usize, values: usize, weights: usize, out: usize, row: usize,
): void {
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    const weight = load<f64>(weights);
    let at = begin;
    let column = indices;
    while (at < end) {
      addRow(indices, begin, at + 8, weight * load<f64>(at), out + <usize>load<i32>(column) * row);
      at += 8;
      column += 4;
    }
    indices = column;
    begin = end;
    pointers += 4;
    weights += 8;
  }
}

/** out_j = out_j + sum_i w_i a_ij^2. */
export function csrWeightedSquares(
  rows: i32, pointers: usize, indices: usize, values: usize, weights: usize, out: usize,
): void {
  const last = pointers + (<usize>rows << 2);
  let at = values;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    const weight = load<f64>(weights);
    while (at < end) {
      const place = placeOf(indices, out);
      const value = load<f64>(at);
      store<f64>(place, load<f64>(place) + weight * (value * value));
      at += 8;
      indices += 4;
    }
    pointers += 4;
    weights += 8;
  }
}

/** The product of a row with a vector, in two sums: as fast as four on long rows, and one misprediction less on others. */
@inline
function rowDotInTwo(indices: usize, values: usize, end: usize, x: usize): f64 {
  let s0 = 0.0;
  let s1 = 0.0;
  while (values + 16 <= end) {
    s0 += load<f64>(values) * load<f64>(placeOf(indices, x));
    s1 += load<f64>(values, 8) * load<f64>(x + (<usize>load<i32>(indices, 4) << 3));
    values += 16;
    indices += 8;
  }
  if (values < end) s0 += load<f64>(values) * load<f64>(placeOf(indices, x));
  return s0 + s1;
}

/** Visits the rows in order and adds step y_i a_i to theta where y_i <a_i, theta> <= 0. Returns how often. */
export function csrPerceptron(
  rows: i32, pointers: usize, indices: usize, values: usize, labels: usize, step: f64, theta: usize,
): i32 {
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  let updates = 0;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    const y = load<f64>(labels);
    if (y * rowDotInTwo(indices, begin, end, theta) <= 0) {
      addRow(indices, begin, end, step * y, theta);
      updates += 1;
    }
    indices += (end - begin) >> 1;
    begin = end;
    pointers += 4;
    labels += 8;
  }
  return updates;
}

/** The pair of numbers of a column. */
@inline
function pairOf(column: i32, pairs: usize): Vector {
  return loadVector(pairs + (<usize>column << 4));
}

/** The products of a row with both numbers of every pair, or with as many as a vector has, summed as in `rowDotInTwo`. */
@inline
function rowDotPairs(indices: usize, values: usize, end: usize, pairs: usize): Vector {
  let s0 = zero();
  let s1 = zero();
  while (values + 16 <= end) {
    s0 = add(s0, mul(loadSplat(values), pairOf(load<i32>(indices), pairs)));
    s1 = add(s1, mul(loadSplat1(values), pairOf(load<i32>(indices, 4), pairs)));
    values += 16;
    indices += 8;
  }
  if (values < end) s0 = add(s0, mul(loadSplat(values), pairOf(load<i32>(indices), pairs)));
  return add(s0, s1);
}

/** Every number twice. */
@inline
function writePairs(n: i32, from: usize, pairs: usize): void {
  for (const end = from + (<usize>n << 3); from < end; from += 8) {
    const number = load<f64>(from);
    store<f64>(pairs, number);
    store<f64>(pairs, number, 8);
    pairs += 16;
  }
}

/** The first number of every pair. */
@inline
function readPairs(n: i32, pairs: usize, to: usize): void {
  for (const end = to + (<usize>n << 3); to < end; to += 8) {
    store<f64>(to, load<f64>(pairs));
    pairs += 16;
  }
}

/**
 * `csrPerceptron` that also writes the margins y_i <a_i, theta> before the pass: theta stands twice, and each row
 * is multiplied with both in one reading.
 *
 * @param pairs workspace of two numbers a column: theta_j, which changes, and theta_j, which stays
 * @param margins one number a row
 */
export function csrMeasuredPerceptron(
  rows: i32, columns: i32, pointers: usize, indices: usize, values: usize, labels: usize, step: f64, theta: usize,
  pairs: usize, margins: usize,
): i32 {
  writePairs(columns, theta, pairs);
  const last = pointers + (<usize>rows << 2);
  let begin = values;
  let updates = 0;
  while (pointers < last) {
    const end = values + (<usize>load<i32>(pointers, 4) << 3);
    const y = load<f64>(labels);
    const sums = rowDotPairs(indices, begin, end, pairs);
    const before = LANES > 1 ? sums : rowDotPairs(indices, begin, end, pairs + WIDTH);
    store<f64>(margins, y * lastLane(before));
    if (y * firstLane(sums) <= 0) {
      const factor = step * y;
      let index = indices;
      for (let at = begin; at < end; at += 8) {
        // a whole pair is stored: the next rows read pairs, which would wait for half of one
        const place = pairs + (<usize>load<i32>(index) << 4);
        const pair = loadVector(place);
        storeVector(place, withFirstLane(pair, firstLane(pair) + factor * load<f64>(at)));
        index += 4;
      }
      updates += 1;
    }
    indices += (end - begin) >> 1;
    begin = end;
    pointers += 4;
    labels += 8;
    margins += 8;
  }
  readPairs(columns, pairs, theta);
  return updates;
}
