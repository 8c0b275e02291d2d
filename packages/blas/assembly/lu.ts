// The LU factorization with partial pivoting, in place: halves of columns (Toledo 1997), whose updates are products.
import { ALL, gemm } from "./gemm";
import { axpy } from "./level1";
import { trsm, trsmWorkspace } from "./trsm";

/** Columns that are factorized in a copy without gaps. */
const PANEL: i32 = 32;

/** Bytes of workspace for m x n. */
export function luWorkspace(m: i32, n: i32): usize {
  return trsmWorkspace(min(m, n), max(m, n)) + (<usize>(m * PANEL) << 3);
}

/** Exchanges n numbers. */
export function swap(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 3);
  for (; x < end; x += 8) {
    const value = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, value);
    y += 8;
  }
}

/** The row of the largest entry of a column in absolute value, from row `from`; the first of equals. */
export function largest(from: i32, to: i32, column: usize, row: usize): i32 {
  let best = from;
  let size = abs(load<f64>(column + <usize>from * row));
  for (let i = from + 1; i < to; i++) {
    const entry = abs(load<f64>(column + <usize>i * row));
    if (entry > size) {
      size = entry;
      best = i;
    }
  }
  return best;
}

/** Divides a column below its pivot and subtracts its products with the pivot's row from the columns to the right. */
export function eliminate(rows: i32, columns: i32, pivotRow: usize, row: usize): void {
  const pivot = load<f64>(pivotRow);
  let line = pivotRow + row;
  for (let i = 0; i < rows; i++) {
    const factor = load<f64>(line) / pivot;
    store<f64>(line, factor);
    axpy(columns, -factor, pivotRow + 8, line + 8);
    line += row;
  }
}

/** Factorizes m x n without gaps; pivots[j] is the row exchanged with row j. Returns the first zero pivot, or -1. */
function factorizePanel(m: i32, n: i32, a: usize, pivots: usize): i32 {
  const row = <usize>n << 3;
  let singular = -1;
  const steps = min(m, n);
  for (let j = 0; j < steps; j++) {
    const best = largest(j, m, a + (<usize>j << 3), row);
    store<i32>(pivots + (<usize>j << 2), best);
    const line = a + <usize>j * row;
    if (best != j) swap(n, line, a + <usize>best * row);
    const corner = line + (<usize>j << 3);
    if (!(abs(load<f64>(corner)) > 0)) {
      if (singular < 0) singular = j;
    } else eliminate(m - j - 1, n - j - 1, corner, row);
  }
  return singular;
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
  const bytes = <usize>narrow << 3;
  for (let i = 0; i < rows; i++) memory.copy(panel + <usize>i * bytes, corner + <usize>i * row, bytes);
  const own = pivots + (<usize>at << 2);
  const singular = factorizePanel(rows, narrow, panel, own);
  for (let i = 0; i < rows; i++) memory.copy(corner + <usize>i * row, panel + <usize>i * bytes, bytes);
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
    trsm(steps, size - narrow, corner, row, 8, 1, 1, corner + bytes, row, 8, work);
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
  return factorize(m, n, 0, n, a, row, pivots, work, work + (<usize>(m * PANEL) << 3));
}
