// Triangular solves with many right-hand sides, and the inverse: halves, whose updates are products.
import { ALL, gemm, gemmWorkspace } from "./gemm";
import { div, LANES, loadSplat, loadSplat1, loadVector, mul, storeVector, sub, WIDTH } from "./simd";

/** Systems up to this order are solved without halving. */
const BASE: i32 = 32;
/** Right-hand sides at a time. */
const GROUP: i32 = 4 * LANES;

/** Bytes of workspace for `count` right-hand sides of order n. */
export function trsmWorkspace(n: i32, count: i32): usize {
  return gemmWorkspace(max(n, count), max(n, count), n) + (<usize>(BASE * BASE + BASE * GROUP) << 3);
}

/**
 * Solves  T X = B  for packed lower triangular T (n x n) and one group of right-hand sides, in place: two rows at a time,
 * so that a subtraction need not wait for the one before it.
 */
export function trsmTile(n: i32, t: usize, x: usize): void {
  const line = <usize>n << 3;
  const step = <usize>GROUP << 3;
  let row = x;
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const next = row + step;
    let s0 = loadVector(row);
    let s1 = loadVector(row + WIDTH);
    let s2 = loadVector(row + 2 * WIDTH);
    let s3 = loadVector(row + 3 * WIDTH);
    let r0 = loadVector(next);
    let r1 = loadVector(next + WIDTH);
    let r2 = loadVector(next + 2 * WIDTH);
    let r3 = loadVector(next + 3 * WIDTH);
    let entry = t;
    for (let known = x; known < row; known += step) {
      const k0 = loadVector(known);
      const k1 = loadVector(known + WIDTH);
      const k2 = loadVector(known + 2 * WIDTH);
      const k3 = loadVector(known + 3 * WIDTH);
      const factor = loadSplat(entry);
      s0 = sub(s0, mul(factor, k0));
      s1 = sub(s1, mul(factor, k1));
      s2 = sub(s2, mul(factor, k2));
      s3 = sub(s3, mul(factor, k3));
      const other = loadSplat(entry + line);
      r0 = sub(r0, mul(other, k0));
      r1 = sub(r1, mul(other, k1));
      r2 = sub(r2, mul(other, k2));
      r3 = sub(r3, mul(other, k3));
      entry += 8;
    }
    const pivot = loadSplat(entry);
    s0 = div(s0, pivot);
    s1 = div(s1, pivot);
    s2 = div(s2, pivot);
    s3 = div(s3, pivot);
    storeVector(row, s0);
    storeVector(row + WIDTH, s1);
    storeVector(row + 2 * WIDTH, s2);
    storeVector(row + 3 * WIDTH, s3);
    const link = loadSplat(entry + line);
    const nextPivot = loadSplat1(entry + line);
    storeVector(next, div(sub(r0, mul(link, s0)), nextPivot));
    storeVector(next + WIDTH, div(sub(r1, mul(link, s1)), nextPivot));
    storeVector(next + 2 * WIDTH, div(sub(r2, mul(link, s2)), nextPivot));
    storeVector(next + 3 * WIDTH, div(sub(r3, mul(link, s3)), nextPivot));
    t += 2 * line;
    row += 2 * step;
  }
  if (i < n) lastRow(t, x, row);
}

/** The row of an odd order that is left over. */
function lastRow(t: usize, x: usize, row: usize): void {
  const step = <usize>GROUP << 3;
  let s0 = loadVector(row);
  let s1 = loadVector(row + WIDTH);
  let s2 = loadVector(row + 2 * WIDTH);
  let s3 = loadVector(row + 3 * WIDTH);
  for (let known = x; known < row; known += step) {
    const factor = loadSplat(t);
    s0 = sub(s0, mul(factor, loadVector(known)));
    s1 = sub(s1, mul(factor, loadVector(known + WIDTH)));
    s2 = sub(s2, mul(factor, loadVector(known + 2 * WIDTH)));
    s3 = sub(s3, mul(factor, loadVector(known + 3 * WIDTH)));
    t += 8;
  }
  const pivot = loadSplat(t);
  storeVector(row, div(s0, pivot));
  storeVector(row + WIDTH, div(s1, pivot));
  storeVector(row + 2 * WIDTH, div(s2, pivot));
  storeVector(row + 3 * WIDTH, div(s3, pivot));
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

/** Moves one group between B and its packed form, which is filled up with zeros. */
export function moveGroup(n: i32, width: i32, b: usize, row: usize, column: usize, x: usize, back: i32): void {
  if (width == GROUP) {
    if (back) moveBack(n, x, b, row, column);
    else moveIn(n, b, row, column, x);
    return;
  }
  for (let i = 0; i < n; i++) {
    let at = b;
    for (let j = 0; j < GROUP; j++) {
      const packed = x + (<usize>j << 3);
      if (j >= width) store<f64>(packed, 0);
      else if (back) store<f64>(at, load<f64>(packed));
      else store<f64>(packed, load<f64>(at));
      at += column;
    }
    b += row;
    x += <usize>GROUP << 3;
  }
}

/** Packs a whole group, four right-hand sides at a time: no entry asks where it goes. */
function moveIn(n: i32, b: usize, row: usize, column: usize, x: usize): void {
  const end = x + (<usize>n * (GROUP << 3));
  for (; x < end; x += GROUP << 3) {
    let at = b;
    for (let to = x; to < x + (GROUP << 3); to += 32) {
      store<f64>(to, load<f64>(at));
      store<f64>(to, load<f64>(at + column), 8);
      store<f64>(to, load<f64>(at + 2 * column), 16);
      store<f64>(to, load<f64>(at + 3 * column), 24);
      at += 4 * column;
    }
    b += row;
  }
}

/** Writes a whole group back. */
function moveBack(n: i32, x: usize, b: usize, row: usize, column: usize): void {
  const end = x + (<usize>n * (GROUP << 3));
  for (; x < end; x += GROUP << 3) {
    let at = b;
    for (let from = x; from < x + (GROUP << 3); from += 32) {
      store<f64>(at, load<f64>(from));
      store<f64>(at + column, load<f64>(from, 8));
      store<f64>(at + 2 * column, load<f64>(from, 16));
      store<f64>(at + 3 * column, load<f64>(from, 24));
      at += 4 * column;
    }
    b += row;
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
