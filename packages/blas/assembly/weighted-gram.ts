// X^T diag(w) X by packed panels and the register blocks of gemm.
import { BLOCK_DEPTH, BLOCK_ROWS, COLUMNS, gemmBlock, LOWER, pack, ROWS, roundUp } from "./gemm";
import { loadVector, mul, splat, storeVector, WIDTH } from "./simd";

/** Bytes of workspace for n rows of d numbers. */
export function weightedGramWorkspace(n: i32, d: i32): usize {
  const panels = <usize>(roundUp(d, ROWS) + roundUp(d, COLUMNS)) * min(n, BLOCK_DEPTH);
  return (panels + <usize>(ROWS * COLUMNS)) << 3;
}

/** Entry p of every packed vector times weight p; `from` may be `to`. */
export function weighPanels(depth: i32, columns: i32, weights: usize, from: usize, to: usize): void {
  for (let j = 0; j < columns; j += COLUMNS) {
    let w = weights;
    const end = w + (<usize>depth << 3);
    while (w < end) {
      const factor = splat(load<f64>(w));
      storeVector(to, mul(factor, loadVector(from)));
      storeVector(to + WIDTH, mul(factor, loadVector(from + WIDTH)));
      from += 2 * WIDTH;
      to += 2 * WIDTH;
      w += 8;
    }
  }
}

/** The upper triangle as the lower one. */
export function mirrorLower(d: i32, out: usize): void {
  const row = <usize>d << 3;
  for (let i = 1; i < d; i++) {
    let from = out + <usize>i * row;
    let to = out + (<usize>i << 3);
    const end = from + (<usize>i << 3);
    while (from < end) {
      store<f64>(to, load<f64>(from));
      from += 8;
      to += row;
    }
  }
}

/**
 * X^T diag(w) X, d x d, without gaps between its rows; exactly symmetric.
 *
 * @param x n x d, rows `row` bytes apart
 * @param work `weightedGramWorkspace(n, d)` bytes
 */
export function weightedGram(n: i32, d: i32, x: usize, row: usize, weights: usize, out: usize, work: usize): void {
  const stride = <usize>d << 3;
  const plain = work + ((ROWS * COLUMNS) << 3);
  const weighed = plain + (<usize>(roundUp(d, ROWS) * min(n, BLOCK_DEPTH)) << 3);
  if (n == 0) memory.fill(out, 0, stride * <usize>d);
  for (let p = 0; p < n; p += BLOCK_DEPTH) {
    const depth = min(BLOCK_DEPTH, n - p);
    pack(d, depth, ROWS, x, 8, row, plain);
    if (COLUMNS != ROWS) pack(d, depth, COLUMNS, x, 8, row, weighed);
    weighPanels(depth, d, weights, COLUMNS == ROWS ? plain : weighed, weighed);
    for (let i = 0; i < d; i += BLOCK_ROWS) {
      const rows = min(BLOCK_ROWS, d - i);
      const block = plain + (<usize>(i * depth) << 3);
      gemmBlock(
        rows, i + rows, depth, 1, block, weighed, p == 0 ? 0 : 1, out + <usize>i * stride, stride, LOWER, i, work,
      );
    }
    x += <usize>depth * row;
    weights += <usize>depth << 3;
  }
  mirrorLower(d, out);
}

/** sum_i w_i x_ij^2 of every column j. */
export function weightedSquares(n: i32, d: i32, x: usize, row: usize, weights: usize, out: usize): void {
  memory.fill(out, 0, <usize>d << 3);
  for (let i = 0; i < n; i++) {
    const w = load<f64>(weights);
    for (let at: usize = 0; at < <usize>d << 3; at += 8) {
      const value = load<f64>(x + at);
      store<f64>(out + at, load<f64>(out + at) + w * (value * value));
    }
    x += row;
    weights += 8;
  }
}
