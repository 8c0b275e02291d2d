// The LU factorization with partial pivoting, in place: halves of columns (Toledo 1997), whose updates are products.
import { ALL, gemm } from "./gemm";
import { factorizePanel, panelBytes, transpose } from "./lu-panel";
import { LANES, loadVector, storeVector, WIDTH } from "./simd";
import { trsm, trsmWorkspace } from "./trsm";

/** Columns that are factorized in a transposed copy. */
const PANEL: i32 = 32;

/** Bytes of workspace for m x n. */
export function luWorkspace(m: i32, n: i32): usize {
  return trsmWorkspace(min(m, n), max(m, n)) + panelBytes(m, PANEL);
}

/** Exchanges n numbers. */
export function swap(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 3);
  const whole = x + (<usize>(n - (n % LANES)) << 3);
  for (; x < whole; x += WIDTH) {
    const value = loadVector(x);
    storeVector(x, loadVector(y));
    storeVector(y, value);
    y += WIDTH;
  }
  for (; x < end; x += 8) {
    const value = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, value);
    y += 8;
  }
}

/** Columns `at` up to `at + size` from row `at` on, all updates from the left done; rows are exchanged as a whole. */
function factorize(
  m: i32, n: i32, at: i32, size: i32, a: usize, row: usize, pivots: usize, panel: usize, work: usize,
): i32 {
  const rows = m - at;
  if (size <= PANEL || rows <= PANEL) return factorizeColumns(m, n, at, size, a, row, pivots, panel, work);
  const first = ((size / 2 + PANEL - 1) / PANEL) * PANEL;
  const rest = size - first;
  const left = factorize(m, n, at, first, a, row, pivots, panel, work);
  const done = min(first, rows);
  const corner = a + <usize>at * (row + 8);
  const right = corner + (<usize>first << 3);
  trsm(done, rest, corner, row, 8, 1, 1, right, row, 8, work);
  if (rows <= first) return left;
  const below = corner + <usize>first * row;
  gemm(rows - first, rest, first, -1, below, row, 8, right, row, 8, 1, below + (<usize>first << 3), row, ALL, work);
  const second = factorize(m, n, at + first, rest, a, row, pivots, panel, work);
  return left >= 0 ? left : second;
}

function factorizeColumns(
  m: i32, n: i32, at: i32, size: i32, a: usize, row: usize, pivots: usize, panel: usize, work: usize,
): i32 {
  const rows = m - at;
  const narrow = min(size, PANEL);
  const corner = a + <usize>at * (row + 8);
  const own = pivots + (<usize>at << 2);
  transpose(rows, narrow, corner, row, panel, 0);
  const singular = factorizePanel(rows, narrow, panel, own);
  transpose(rows, narrow, corner, row, panel, 1);
  const steps = min(rows, narrow);
  for (let j = 0; j < steps; j++) {
    const other = load<i32>(own + (<usize>j << 2)) + at;
    store<i32>(own + (<usize>j << 2), other);
    if (other == at + j) continue;
    const x = a + <usize>(at + j) * row;
    const y = a + <usize>other * row;
    swap(at, x, y);
    const after = <usize>(at + narrow) << 3;
    swap(n - at - narrow, x + after, y + after);
  }
  // a matrix that is wider than high: what is right of its last panel
  if (size > narrow)
    trsm(steps, size - narrow, corner, row, 8, 1, 1, corner + (<usize>narrow << 3), row, 8, work);
  return singular < 0 ? -1 : singular + at;
}

/**
 * P A = L U in place (DGETRF): U on and above the diagonal, L below with a diagonal of ones.
 *
 * @param a m x n
 * @param pivots address of min(m, n) 32-bit integers: row j was exchanged with row pivots[j], in this order
 * @param work `luWorkspace(m, n)` bytes
 * @returns the first column whose pivot is zero or not a number; -1 where there is none
 */
export function lu(m: i32, n: i32, a: usize, row: usize, pivots: usize, work: usize): i32 {
  if (m == 0 || n == 0) return -1;
  return factorize(m, n, 0, n, a, row, pivots, work, work + panelBytes(m, PANEL));
}
