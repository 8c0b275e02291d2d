// C = alpha A B + beta C by packed panels and register blocks of 4 rows and two vectors of columns.
// Source: Goto & van de Geijn 2008, "Anatomy of high-performance matrix multiplication".
import { add, LANES, loadSplat, loadSplat1, loadSplat2, loadSplat3, loadVector, mul, splat, storeVector, Vector, WIDTH, zero } from "./simd";

/** Rows and columns of a register block. */
export const ROWS: i32 = 4;
export const COLUMNS: i32 = 2 * LANES;
/** Blocks of A (rows x depth) stay in the second-level cache, panels of A and B (depth) in the first. */
export const BLOCK_ROWS: i32 = 64;
export const BLOCK_DEPTH: i32 = 256;
const BLOCK_COLUMNS: i32 = 512;

/** Which entries of C are written. */
export const ALL: i32 = 0;
export const LOWER: i32 = 1;
export const UPPER: i32 = 2;

@inline
export function roundUp(x: i32, step: i32): i32 {
  return ((x + step - 1) / step) * step;
}

/** Bytes of workspace for a product of m x k by k x n. */
export function gemmWorkspace(m: i32, n: i32, k: i32): usize {
  const rows = roundUp(min(m, BLOCK_ROWS), ROWS);
  const columns = roundUp(min(n, BLOCK_COLUMNS), COLUMNS);
  return (<usize>((rows + columns) * min(k, BLOCK_DEPTH)) + <usize>(ROWS * COLUMNS)) << 3;
}

/**
 * Copies `count` vectors of length `depth` in groups of `group`, interleaved: entry p of vector i goes to
 * (i / group) * group * depth + p * group + i % group; the last group is filled up with zeros.
 *
 * @param across bytes from a vector to the next
 * @param along bytes from an entry of a vector to the next
 */
export function pack(count: i32, depth: i32, group: i32, from: usize, across: usize, along: usize, to: usize): void {
  const step = <usize>group << 3;
  for (let i = 0; i < count; i += group) {
    const filled = min(group, count - i);
    if (filled == 4 && group == 4) packFour(depth, from, across, along, to);
    else {
      for (let j = 0; j < group; j++) {
        let source = from + <usize>j * across;
        let target = to + (<usize>j << 3);
        if (j < filled)
          for (let p = 0; p < depth; p++) {
            store<f64>(target, load<f64>(source));
            source += along;
            target += step;
          }
        else
          for (let p = 0; p < depth; p++) {
            store<f64>(target, 0);
            target += step;
          }
      }
    }
    from += <usize>group * across;
    to += step * <usize>depth;
  }
}

export function packFour(depth: i32, from: usize, across: usize, along: usize, to: usize): void {
  const end = to + (<usize>depth << 5);
  if (across == 8) {
    for (; to < end; to += 32) {
      storeVector(to, loadVector(from));
      storeVector(to + WIDTH, loadVector(from + WIDTH));
      if (LANES == 1) {
        storeVector(to + 2 * WIDTH, loadVector(from + 2 * WIDTH));
        storeVector(to + 3 * WIDTH, loadVector(from + 3 * WIDTH));
      }
      from += along;
    }
    return;
  }
  const a1 = across;
  const a2 = across * 2;
  const a3 = across * 3;
  for (; to < end; to += 32) {
    store<f64>(to, load<f64>(from));
    store<f64>(to, load<f64>(from + a1), 8);
    store<f64>(to, load<f64>(from + a2), 16);
    store<f64>(to, load<f64>(from + a3), 24);
    from += along;
  }
}

@inline
function write(c: usize, alpha: Vector, beta: f64, sum: Vector): void {
  if (beta == 0) storeVector(c, mul(alpha, sum));
  else storeVector(c, add(mul(alpha, sum), mul(splat(beta), loadVector(c))));
}

/**
 * One register block  C = alpha A B + beta C  of packed panels. A function of its own, so that an engine which replaces
 * a running function's code only at its next call has done so after a few blocks.
 *
 * @param stride bytes between rows of C
 */
export function gemmTile(depth: i32, a: usize, b: usize, c: usize, stride: usize, alpha: f64, beta: f64): void {
  let c00 = zero();
  let c01 = zero();
  let c10 = zero();
  let c11 = zero();
  let c20 = zero();
  let c21 = zero();
  let c30 = zero();
  let c31 = zero();
  const end = b + <usize>depth * (2 * WIDTH);
  while (b < end) {
    const b0 = loadVector(b);
    const b1 = loadVector(b + WIDTH);
    const a0 = loadSplat(a);
    c00 = add(c00, mul(a0, b0));
    c01 = add(c01, mul(a0, b1));
    const a1 = loadSplat1(a);
    c10 = add(c10, mul(a1, b0));
    c11 = add(c11, mul(a1, b1));
    const a2 = loadSplat2(a);
    c20 = add(c20, mul(a2, b0));
    c21 = add(c21, mul(a2, b1));
    const a3 = loadSplat3(a);
    c30 = add(c30, mul(a3, b0));
    c31 = add(c31, mul(a3, b1));
    a += 32;
    b += 2 * WIDTH;
  }
  const scale = splat(alpha);
  write(c, scale, beta, c00);
  write(c + WIDTH, scale, beta, c01);
  c += stride;
  write(c, scale, beta, c10);
  write(c + WIDTH, scale, beta, c11);
  c += stride;
  write(c, scale, beta, c20);
  write(c + WIDTH, scale, beta, c21);
  c += stride;
  write(c, scale, beta, c30);
  write(c + WIDTH, scale, beta, c31);
}

/**
 * The part of a register block that C has: `rows` x `columns` of it, of these what `part` names.
 *
 * @param diagonal column of the block at which its first row meets C's diagonal
 */
function copyTile(
  tile: usize, c: usize, stride: usize, rows: i32, columns: i32, beta: f64, part: i32, diagonal: i32,
): void {
  for (let i = 0; i < rows; i++) {
    const from = part == UPPER ? max(0, diagonal + i) : 0;
    const to = part == LOWER ? min(columns, diagonal + i + 1) : columns;
    for (let j = from; j < to; j++) {
      const target = c + (<usize>j << 3);
      const sum = load<f64>(tile + (<usize>(i * COLUMNS + j) << 3));
      store<f64>(target, beta == 0 ? sum : sum + beta * load<f64>(target));
    }
    c += stride;
  }
}

/** C = beta C in the named part; 0 overwrites what is not a number. */
export function scaleMatrix(m: i32, n: i32, beta: f64, c: usize, stride: usize, part: i32): void {
  for (let i = 0; i < m; i++) {
    let at = c + (<usize>(part == UPPER ? min<i32>(i, n) : <i32>0) << 3);
    const end = c + (<usize>(part == LOWER ? min<i32>(i + 1, n) : n) << 3);
    for (; at < end; at += 8) store<f64>(at, beta == 0 ? 0 : beta * load<f64>(at));
    c += stride;
  }
}

/** The register blocks of one packed block of A with one of B; the block of C begins `diagonal` columns left of its diagonal. */
export function gemmBlock(
  m: i32, n: i32, depth: i32, alpha: f64, a: usize, b: usize, beta: f64, c: usize, stride: usize, part: i32,
  diagonal: i32, tile: usize,
): void {
  const stepA = <usize>depth * (ROWS << 3);
  const stepB = <usize>depth * (COLUMNS << 3);
  for (let j = 0; j < n; j += COLUMNS) {
    let panel = a;
    const columns = min(COLUMNS, n - j);
    for (let i = 0; i < m; i += ROWS) {
      const rows = min(ROWS, m - i);
      const offset = diagonal + i - j;
      const touches = part == ALL || (part == LOWER ? offset + rows > 0 : offset < columns);
      if (touches) {
        const target = c + <usize>i * stride + (<usize>j << 3);
        const inside = part == ALL || (part == LOWER ? offset + 1 >= columns : offset + rows <= 1);
        if (inside && rows == ROWS && columns == COLUMNS) gemmTile(depth, panel, b, target, stride, alpha, beta);
        else {
          gemmTile(depth, panel, b, tile, COLUMNS << 3, alpha, 0);
          copyTile(tile, target, stride, rows, columns, beta, part, offset);
        }
      }
      panel += stepA;
    }
    b += stepB;
  }
}

/**
 * C = alpha A B + beta C  of the named part of C (DGEMM, DSYRK). A and B are given by strides in bytes, so that a
 * transpose is an exchange of strides.
 *
 * @param a m x k
 * @param b k x n
 * @param c m x n, rows `cRow` bytes apart
 * @param work `gemmWorkspace(m, n, k)` bytes
 */
export function gemm(
  m: i32, n: i32, k: i32, alpha: f64, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  beta: f64, c: usize, cRow: usize, part: i32, work: usize,
): void {
  if (alpha == 0 || k == 0) {
    if (beta != 1) scaleMatrix(m, n, beta, c, cRow, part);
    return;
  }
  const tile = work;
  const packedA = tile + ((ROWS * COLUMNS) << 3);
  const packedB = packedA + (<usize>(roundUp(min(m, BLOCK_ROWS), ROWS) * min(k, BLOCK_DEPTH)) << 3);
  for (let j = 0; j < n; j += BLOCK_COLUMNS) {
    const columns = min(BLOCK_COLUMNS, n - j);
    for (let p = 0; p < k; p += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, k - p);
      const factor = p == 0 ? beta : 1;
      pack(columns, depth, COLUMNS, b + <usize>p * bRow + <usize>j * bColumn, bColumn, bRow, packedB);
      for (let i = 0; i < m; i += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, m - i);
        if (part == LOWER && i + rows <= j) continue;
        if (part == UPPER && i >= j + columns) continue;
        pack(rows, depth, ROWS, a + <usize>i * aRow + <usize>p * aColumn, aRow, aColumn, packedA);
        const target = c + <usize>i * cRow + (<usize>j << 3);
        gemmBlock(rows, columns, depth, alpha, packedA, packedB, factor, target, cRow, part, i - j, tile);
      }
    }
  }
}
