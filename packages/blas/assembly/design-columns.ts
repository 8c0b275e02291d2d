// What coordinate methods do with the columns of a design matrix, each without gaps.
import { BLOCK_DEPTH, BLOCK_ROWS, COLUMNS, gemmBlock, LOWER, ROWS, roundUp } from "./gemm";
import { axpy, dot } from "./level1";
import { proximalStep, WHOLE_SWEEPS } from "./proximal";
import { mirrorLower, weighPanels } from "./weighted-gram";

/** Column of place p of a block. */
@inline
function columnAt(a: usize, stride: usize, block: usize, p: i32): usize {
  return a + <usize>load<i32>(block + (<usize>p << 2)) * stride;
}

/**
 * Rows, without gaps, as the beginnings of columns.
 *
 * @param stride bytes from a column to the next
 */
export function transposeRows(rows: i32, columns: i32, from: usize, to: usize, stride: usize): void {
  const row = <usize>columns << 3;
  for (let j = 0; j < columns; j++) {
    let source = from;
    const end = to + (<usize>rows << 3);
    for (let target = to; target < end; target += 8) {
      store<f64>(target, load<f64>(source));
      source += row;
    }
    from += 8;
    to += stride;
  }
}

/** ||a_j||^2 of every column. */
export function squaredNorms(rows: i32, columns: i32, a: usize, stride: usize, out: usize): void {
  for (let j = 0; j < columns; j++) {
    store<f64>(out, dot(rows, a, a));
    a += stride;
    out += 8;
  }
}

/** out = A_b^T v. */
export function blockAdjoint(rows: i32, a: usize, stride: usize, block: usize, size: i32, v: usize, out: usize): void {
  for (let p = 0; p < size; p++) {
    store<f64>(out, dot(rows, columnAt(a, stride, block, p), v));
    out += 8;
  }
}

/** v = v + A_b step; columns with step 0 are not read. */
export function addColumns(rows: i32, a: usize, stride: usize, block: usize, size: i32, step: usize, v: usize): void {
  for (let p = 0; p < size; p++) {
    const factor = load<f64>(step + (<usize>p << 3));
    if (factor != 0) axpy(rows, factor, columnAt(a, stride, block, p), v);
  }
}

/**
 * Cyclic proximal coordinate descent over the columns of a block: minimizes ||r||^2 / 2 + lambda ||x||_1, r carried along
 * x. A sweep of the whole block is followed by sweeps of its nonzeros, and a sweep of the whole block is the last: the
 * one whose squared steps, sum_j ||a_j||^2 d_j^2, are at most `share` of the first one's.
 *
 * @param squares ||a_j||^2 of the block's columns; a column of zeros stays out
 * @param nonnegative not 0 where x >= 0 is asked
 * @param x the block's coordinates, changed
 * @param r one number a row, changed
 * @returns how many sweeps were made; at `most` they end in any case
 */
export function sweepColumns(
  rows: i32, a: usize, stride: usize, block: usize, size: i32, squares: usize, lambda: f64, nonnegative: i32,
  most: i32, share: f64, x: usize, r: usize,
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
      const column = columnAt(a, stride, block, p);
      const next = proximalStep(old, dot(rows, column, r), square, lambda, nonnegative);
      const step = next - old;
      if (step == 0) continue;
      axpy(rows, step, column, r);
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

/** Bytes of workspace of `blockGram`. */
export function blockGramWorkspace(rows: i32, size: i32): usize {
  const panels = <usize>(roundUp(size, ROWS) + roundUp(size, COLUMNS)) * min(rows, BLOCK_DEPTH);
  return (panels + <usize>(ROWS * COLUMNS)) << 3;
}

/** Parts of a block's columns, interleaved in groups; the last group is filled up with the last column. */
export function packColumns(
  depth: i32, group: i32, a: usize, stride: usize, block: usize, size: i32, to: usize,
): void {
  const step = <usize>group << 3;
  for (let p = 0; p < size; p += group) {
    for (let j = 0; j < group; j++) {
      let source = columnAt(a, stride, block, min(p + j, size - 1));
      let target = to + (<usize>j << 3);
      const end = source + (<usize>depth << 3);
      while (source < end) {
        store<f64>(target, load<f64>(source));
        source += 8;
        target += step;
      }
    }
    to += step * <usize>depth;
  }
}

/**
 * A_b^T diag(w) A_b, size x size, exactly symmetric.
 *
 * @param weights one number a row; 0 for no weights
 * @param work `blockGramWorkspace(rows, size)` bytes
 */
export function blockGram(
  rows: i32, a: usize, stride: usize, block: usize, size: i32, weights: usize, out: usize, work: usize,
): void {
  const row = <usize>size << 3;
  const plain = work + ((ROWS * COLUMNS) << 3);
  let other = plain + (<usize>(roundUp(size, ROWS) * min(rows, BLOCK_DEPTH)) << 3);
  if (weights == 0 && COLUMNS == ROWS) other = plain;
  for (let q = 0; q < rows; q += BLOCK_DEPTH) {
    const depth = min(BLOCK_DEPTH, rows - q);
    const at = <usize>q << 3;
    packColumns(depth, ROWS, a + at, stride, block, size, plain);
    if (COLUMNS != ROWS) packColumns(depth, COLUMNS, a + at, stride, block, size, other);
    if (weights != 0) weighPanels(depth, size, weights + at, COLUMNS == ROWS ? plain : other, other);
    for (let i = 0; i < size; i += BLOCK_ROWS) {
      const count = min(BLOCK_ROWS, size - i);
      gemmBlock(
        count, i + count, depth, 1, plain + (<usize>(i * depth) << 3), other, q == 0 ? 0 : 1, out + <usize>i * row, row,
        LOWER, i, work,
      );
    }
  }
  mirrorLower(size, out);
}
