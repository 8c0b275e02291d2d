// Triangular solves with many right-hand sides, and the inverse: halves, whose updates are products.
import { ALL, gemm, gemmWorkspace } from "./gemm";
import { div, LANES, loadSplat, loadVector, mul, storeVector, sub, WIDTH } from "./simd";

/** Systems up to this order are solved without halving. */
const BASE: i32 = 32;
/** Right-hand sides at a time. */
const GROUP: i32 = 4 * LANES;

/** Bytes of workspace for `count` right-hand sides of order n. */
export function trsmWorkspace(n: i32, count: i32): usize {
  return gemmWorkspace(max(n, count), max(n, count), n) + (<usize>(BASE * BASE + BASE * GROUP) << 3);
}

/** Solves  T X = B  for packed lower triangular T (n x n) and one group of right-hand sides, in place. */
export function trsmTile(n: i32, t: usize, x: usize): void {
  const step = <usize>GROUP << 3;
  let row = x;
  for (let i = 0; i < n; i++) {
    let s0 = loadVector(row);
    let s1 = loadVector(row + WIDTH);
    let s2 = loadVector(row + 2 * WIDTH);
    let s3 = loadVector(row + 3 * WIDTH);
    let entry = t;
    for (let known = x; known < row; known += step) {
      const factor = loadSplat(entry);
      s0 = sub(s0, mul(factor, loadVector(known)));
      s1 = sub(s1, mul(factor, loadVector(known + WIDTH)));
      s2 = sub(s2, mul(factor, loadVector(known + 2 * WIDTH)));
      s3 = sub(s3, mul(factor, loadVector(known + 3 * WIDTH)));
      entry += 8;
    }
    const pivot = loadSplat(entry);
    storeVector(row, div(s0, pivot));
    storeVector(row + WIDTH, div(s1, pivot));
    storeVector(row + 2 * WIDTH, div(s2, pivot));
    storeVector(row + 3 * WIDTH, div(s3, pivot));
    t += <usize>n << 3;
    row += step;
  }
}

/** A lower triangle without gaps, with ones on the diagonal where `unit`. */
function packTriangle(n: i32, t: usize, row: usize, column: usize, unit: i32, to: usize): void {
  for (let i = 0; i < n; i++) {
    let from = t;
    for (let j = 0; j < i; j++) {
      store<f64>(to + (<usize>j << 3), load<f64>(from));
      from += column;
    }
    store<f64>(to + (<usize>i << 3), unit ? 1 : load<f64>(from));
    t += row;
    to += <usize>n << 3;
  }
}

/** Moves one group between B and its packed form, whose other columns are zeros. */
export function moveGroup(n: i32, width: i32, b: usize, row: usize, column: usize, x: usize, back: i32): void {
  if (width < GROUP && !back) memory.fill(x, 0, <usize>n * (GROUP << 3));
  for (let i = 0; i < n; i++) {
    let at = b;
    let packed = x;
    // two at a time
    for (const pairs = x + (<usize>(width & ~1) << 3); packed < pairs; packed += 16) {
      const next = at + column;
      if (back) {
        store<f64>(at, load<f64>(packed));
        store<f64>(next, load<f64>(packed, 8));
      } else {
        store<f64>(packed, load<f64>(at));
        store<f64>(packed, load<f64>(next), 8);
      }
      at = next + column;
    }
    if (width & 1) {
      if (back) store<f64>(at, load<f64>(packed));
      else store<f64>(packed, load<f64>(at));
    }
    b += row;
    x += <usize>GROUP << 3;
  }
}

/** A small lower triangular system; an upper one is that with the order of its rows and columns turned round. */
function solveBase(
  n: i32, count: i32, t: usize, tRow: usize, tColumn: usize, unit: i32, b: usize, bRow: usize, bColumn: usize,
  work: usize,
): void {
  packTriangle(n, t, tRow, tColumn, unit, work);
  const group = work + (<usize>(BASE * BASE) << 3);
  for (let j = 0; j < count; j += GROUP) {
    const width = min(GROUP, count - j);
    moveGroup(n, width, b, bRow, bColumn, group, 0);
    trsmTile(n, work, group);
    moveGroup(n, width, b, bRow, bColumn, group, 1);
    b += <usize>GROUP * bColumn;
  }
}

/** B_to = B_to - T_part B_from, in whichever order B's entries are next to each other. */
function update(
  to: i32, from: i32, count: i32, t: usize, tRow: usize, tColumn: usize, bFrom: usize, bTo: usize, bRow: usize,
  bColumn: usize, work: usize,
): void {
  if (bColumn == 8) gemm(to, count, from, -1, t, tRow, tColumn, bFrom, bRow, bColumn, 1, bTo, bRow, ALL, work);
  else gemm(count, to, from, -1, bFrom, bColumn, bRow, t, tColumn, tRow, 1, bTo, bColumn, ALL, work);
}

/**
 * Solves  T X = B  in place (DTRSM). T and B are given by strides in bytes: exchange T's for T^T (and its triangle), both
 * for  X T = B. One of B's strides is 8.
 *
 * @param count right-hand sides
 * @param work `trsmWorkspace(n, count)` bytes
 */
export function trsm(
  n: i32, count: i32, t: usize, tRow: usize, tColumn: usize, lower: i32, unit: i32, b: usize, bRow: usize,
  bColumn: usize, work: usize,
): void {
  if (n == 0) return;
  if (n <= BASE) {
    if (lower) solveBase(n, count, t, tRow, tColumn, unit, b, bRow, bColumn, work);
    else {
      const last = <usize>(n - 1);
      const corner = t + last * (tRow + tColumn);
      solveBase(n, count, corner, 0 - tRow, 0 - tColumn, unit, b + last * bRow, 0 - bRow, bColumn, work);
    }
    return;
  }
  const first = ((n / 2 + BASE - 1) / BASE) * BASE;
  const rest = n - first;
  const t2 = t + <usize>first * (tRow + tColumn);
  const b2 = b + <usize>first * bRow;
  const products = work + (<usize>(BASE * BASE + BASE * GROUP) << 3);
  if (lower) {
    trsm(first, count, t, tRow, tColumn, lower, unit, b, bRow, bColumn, work);
    update(rest, first, count, t + <usize>first * tRow, tRow, tColumn, b, b2, bRow, bColumn, products);
    trsm(rest, count, t2, tRow, tColumn, lower, unit, b2, bRow, bColumn, work);
  } else {
    trsm(rest, count, t2, tRow, tColumn, lower, unit, b2, bRow, bColumn, work);
    update(first, rest, count, t + <usize>first * tColumn, tRow, tColumn, b2, b, bRow, bColumn, products);
    trsm(first, count, t, tRow, tColumn, lower, unit, b, bRow, bColumn, work);
  }
}

/**
 * Overwrites a lower triangle with its inverse (DTRTRI); what stands above is neither read nor written.
 *
 * @param work `trsmWorkspace(n, n)` bytes
 */
export function invertLower(n: i32, t: usize, row: usize, unit: i32, work: usize): void {
  if (n <= BASE) {
    invertBase(n, t, row, unit, work);
    return;
  }
  const first = ((n / 2 + BASE - 1) / BASE) * BASE;
  const rest = n - first;
  const below = t + <usize>first * row;
  const corner = below + (<usize>first << 3);
  // the block below the diagonal becomes  -T22^-1 T21 T11^-1
  trsm(rest, first, corner, row, 8, 1, unit, below, row, 8, work);
  trsm(first, rest, t, 8, row, 0, unit, below, 8, row, work);
  let line = below;
  for (let i = 0; i < rest; i++) {
    for (let j = 0; j < first; j++) {
      const at = line + (<usize>j << 3);
      store<f64>(at, -load<f64>(at));
    }
    line += row;
  }
  invertLower(first, t, row, unit, work);
  invertLower(rest, corner, row, unit, work);
}

/** A small inverse, by the columns of the identity. */
function invertBase(n: i32, t: usize, row: usize, unit: i32, work: usize): void {
  packTriangle(n, t, row, 8, unit, work);
  const group = work + (<usize>(BASE * BASE) << 3);
  for (let j = 0; j < n; j += GROUP) {
    memory.fill(group, 0, <usize>(n * GROUP) << 3);
    const width = min(GROUP, n - j);
    for (let c = 0; c < width; c++) store<f64>(group + (<usize>((j + c) * GROUP + c) << 3), 1);
    trsmTile(n, work, group);
    for (let i = j; i < n; i++)
      for (let c = 0; c < width; c++)
        if (j + c < i || (j + c == i && !unit))
          store<f64>(t + <usize>i * row + (<usize>(j + c) << 3), load<f64>(group + (<usize>(i * GROUP + c) << 3)));
  }
}
