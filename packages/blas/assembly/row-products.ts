// Squared lengths of rows, and what Gaussian kernels make of inner products.
import { expOfNegatives } from "./exponential";
import { BLOCK_DEPTH } from "./gemm";
import { add, atLeast, loadVector, mul, splat, storeVector, sub, WIDTH, zero } from "./simd";

/** Squared length of every row, summed as gemm sums a product of two rows: the same bits for a row and its copy. */
export function rowSquares(n: i32, d: i32, x: usize, row: usize, out: usize): void {
  for (let i = 0; i < n; i++) {
    let total = 0.0;
    for (let p = 0; p < d; p += BLOCK_DEPTH) {
      let sum = 0.0;
      const end = x + (<usize>min(d, p + BLOCK_DEPTH) << 3);
      for (let at = x + (<usize>p << 3); at < end; at += 8) sum += load<f64>(at) * load<f64>(at);
      total += sum;
    }
    store<f64>(out, total);
    x += row;
    out += 8;
  }
}

/** values_j = scale max(square + squares_j - 2 values_j, 0),  scale <= 0; then their exponentials. */
export function gaussianRow(n: i32, scale: f64, square: f64, squares: usize, values: usize): void {
  const end = values + (<usize>n << 3);
  for (let at = values; at < end; at += WIDTH) {
    const inner = loadVector(at);
    const distance = sub(add(splat(square), loadVector(squares)), add(inner, inner));
    storeVector(at, mul(splat(scale), atLeast(distance, zero())));
    squares += WIDTH;
  }
  expOfNegatives(n, values, values);
}
