// The logistic loss of a linear model and its gradient in one pass over X.
import { addFourRows, gemv, gemvFourRows } from "./level2";
import { logisticRows } from "./logistic";
import { addFourRowsAndDot, LONG_ROW } from "./weighted-product";

/** Short rows that are read twice, the second time from cache. */
const BLOCK: i32 = 256;

/**
 * outputs = X v, the logistic losses of the rows and their slopes s, and  out = X^T s: number for number what `gemv`,
 * `logisticRows` and `gemv` give.
 *
 * @param x n x d, rows `row` bytes apart
 * @param labels -1 or +1; these and what is written for each row padded to two vectors
 */
export function logisticPass(
  n: i32, d: i32, x: usize, row: usize, labels: usize, v: usize, outputs: usize, losses: usize, slopes: usize,
  out: usize,
): void {
  memory.fill(out, 0, <usize>d << 3);
  let i = 0;
  if (d >= LONG_ROW && n >= 8) {
    gemvFourRows(d, 1, x, row, v, 0, outputs);
    for (; i + 4 <= n; i += 4) {
      logisticRows(4, outputs, labels, losses, slopes, 0);
      const f0 = load<f64>(slopes);
      const f1 = load<f64>(slopes, 8);
      const f2 = load<f64>(slopes, 16);
      const f3 = load<f64>(slopes, 24);
      if (i + 8 <= n) addFourRowsAndDot(d, f0, f1, f2, f3, x, row, v, out, outputs + 32);
      else addFourRows(d, f0, f1, f2, f3, x, row, out);
      x += 4 * row;
      labels += 32;
      outputs += 32;
      losses += 32;
      slopes += 32;
    }
  }
  for (; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i);
    gemv(count, d, 1, x, row, 0, v, 0, outputs);
    logisticRows(count, outputs, labels, losses, slopes, 0);
    gemv(count, d, 1, x, row, 1, slopes, 1, out);
    x += <usize>BLOCK * row;
    labels += BLOCK << 3;
    outputs += BLOCK << 3;
    losses += BLOCK << 3;
    slopes += BLOCK << 3;
  }
}
