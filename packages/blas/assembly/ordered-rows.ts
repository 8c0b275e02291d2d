// Weighted products by short sparse rows. How often the loop over a row runs cannot be foreseen where rows differ in their
// number of entries, and a wrong guess costs a processor more than a short row: the rows of a block are visited by number.
import { rowDot } from "./csr";
import { LANES, loadVector, mul, splat, storeVector, WIDTH } from "./simd";

/** Rows of a block, whose entries stay in cache between two readings. */
const BLOCK: i32 = 256;
/** Numbers of entries that are told apart; longer rows come last, as they are. */
const CLASSES: i32 = 64;

/**
 * The numbers of the rows of each block, by ascending number of entries; ascending themselves where these are equal.
 *
 * @param order a number of 32 bits a row
 * @param next workspace: 64 numbers of 32 bits
 * @returns the most entries in a block
 */
export function orderRows(rows: i32, pointers: usize, order: usize, next: usize): i32 {
  let most = 0;
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const from = pointers + (<usize>first << 2);
    most = max(most, load<i32>(from + (<usize>count << 2)) - load<i32>(from));
    orderBlock(first, count, from, order + (<usize>first << 2), next);
  }
  return most;
}

/** The class of a row by its number of entries. */
@inline
function classOf(pointer: usize): usize {
  return <usize>min(load<i32>(pointer, 4) - load<i32>(pointer), CLASSES - 1) << 2;
}

/** `orderRows` for a block. */
export function orderBlock(first: i32, count: i32, pointers: usize, order: usize, next: usize): void {
  memory.fill(next, 0, <usize>CLASSES << 2);
  const end = pointers + (<usize>count << 2);
  for (let at = pointers; at < end; at += 4) {
    const place = next + classOf(at);
    store<i32>(place, load<i32>(place) + 1);
  }
  let sum = 0;
  for (let place = next; place < next + (<usize>CLASSES << 2); place += 4) {
    const size = load<i32>(place);
    store<i32>(place, sum);
    sum += size;
  }
  for (let at = pointers; at < end; at += 4) {
    const place = next + classOf(at);
    const to = load<i32>(place);
    store<i32>(place, to + 1);
    store<i32>(order + (<usize>to << 2), first);
    first += 1;
  }
}

/** Where the entries of a row begin. */
@inline
function beginOf(pointers: usize, row: usize): usize {
  return <usize>load<i32>(pointers + (row << 2));
}

/** to = factor times a row. */
@inline
function scaleRow(at: usize, end: usize, factor: f64, to: usize): void {
  const factors = splat(factor);
  const whole = at + ((end - at) & ~(WIDTH - 1));
  for (; at < whole; at += WIDTH) {
    storeVector(to, mul(factors, loadVector(at)));
    to += WIDTH;
  }
  if (LANES > 1 && at < end) store<f64>(to, factor * load<f64>(at));
}

/**
 * Each row times its weight and its product with v: what it adds to  A^T diag(w) A v.
 *
 * @param order the rows
 * @param from the first entry of them all, whose number comes first
 */
export function weighRows(
  count: i32, pointers: usize, indices: usize, values: usize, order: usize, weights: usize, v: usize, from: usize,
  to: usize,
): void {
  const last = order + (<usize>count << 2);
  for (; order < last; order += 4) {
    const row = <usize>load<i32>(order);
    const begin = beginOf(pointers, row);
    const first = values + (begin << 3);
    const end = values + (beginOf(pointers, row + 1) << 3);
    const factor = load<f64>(weights + (row << 3)) * rowDot(indices + (begin << 2), first, end, v);
    scaleRow(first, end, factor, to + ((begin - from) << 3));
  }
}

/** Adds numbers where the indices say, from the first to the last. */
export function addAt(indices: usize, numbers: usize, end: usize, out: usize): void {
  for (; numbers < end; numbers += 8) {
    const place = out + (<usize>load<i32>(indices) << 3);
    store<f64>(place, load<f64>(place) + load<f64>(numbers));
    indices += 4;
  }
}

/**
 * `csrWeightedProduct`, number for number, by rows in order.
 *
 * @param scaled workspace: as many numbers as the most entries in a block
 */
export function orderedWeightedProduct(
  rows: i32, pointers: usize, indices: usize, values: usize, order: usize, scaled: usize, weights: usize, v: usize,
  out: usize,
): void {
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const from = beginOf(pointers, first);
    const end = scaled + ((beginOf(pointers, first + count) - from) << 3);
    weighRows(count, pointers, indices, values, order + (<usize>first << 2), weights, v, from, scaled);
    addAt(indices + (from << 2), scaled, end, out);
  }
}
