// X^T diag(w) X v in one pass over X.
import { axpy, dot } from "./level1";
import { addFourRows, gemvFourRows } from "./level2";

/**
 * out = X^T diag(w) X v.
 *
 * @param x n x d, rows `row` bytes apart
 * @param work 32 bytes
 */
export function weightedProduct(
  n: i32, d: i32, x: usize, row: usize, weights: usize, v: usize, out: usize, work: usize,
): void {
  memory.fill(out, 0, <usize>d << 3);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    gemvFourRows(d, 1, x, row, v, 0, work);
    addFourRows(
      d, load<f64>(work) * load<f64>(weights), load<f64>(work, 8) * load<f64>(weights, 8),
      load<f64>(work, 16) * load<f64>(weights, 16), load<f64>(work, 24) * load<f64>(weights, 24), x, row, out,
    );
    x += 4 * row;
    weights += 32;
  }
  for (; i < n; i++) {
    axpy(d, load<f64>(weights) * dot(d, x, v), x, out);
    x += row;
    weights += 8;
  }
}
