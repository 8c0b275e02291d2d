// QR factorizations by Householder reflections, with and without column pivoting. Matrices by columns.
import { ALL, gemm, gemmWorkspace } from "./gemm";
import { applyBlock, BLOCK, blockWorkspace, norm, numberAt, reflection, setNumber } from "./householder";
import { gemv, ger } from "./matrix-vector";

/** One block's columns, by products with vectors (DGEQR2). */
function factorPanel(m: i32, n: i32, a: usize, column: usize, tau: usize, work: usize): void {
  const steps = min(m, n);
  for (let k = 0; k < steps; k++) {
    const rows = m - k;
    const at = a + <usize>k * column + (<usize>k << 3);
    const factor = reflection(rows, at);
    setNumber(tau, k, factor);
    if (factor == 0 || k + 1 == n) continue;
    const diagonal = load<f64>(at);
    store<f64>(at, 1);
    gemv(n - k - 1, rows, 1, at + column, column, 0, at, 0, work);
    ger(n - k - 1, rows, -factor, work, at, at + column, column);
    store<f64>(at, diagonal);
  }
}

/** Bytes of workspace for `geqrf`. */
export function geqrfWorkspace(m: i32, n: i32): usize {
  return blockWorkspace(m, n);
}

/** Columns of a panel that products with vectors factor. */
const NARROW: i32 = 8;

/**
 * A = Q R: R on and above the diagonal, the reflections below (DGEQRF).
 *
 * @param a m x n
 * @param tau min(m, n) factors
 * @param work `geqrfWorkspace(m, n)` bytes
 */
export function geqrf(m: i32, n: i32, a: usize, column: usize, tau: usize, work: usize): void {
  factorBlocks(m, n, a, column, tau, BLOCK, work);
}

function factorBlocks(m: i32, n: i32, a: usize, column: usize, tau: usize, block: i32, work: usize): void {
  const steps = min(m, n);
  for (let k = 0; k < steps; k += block) {
    const width = min(block, steps - k);
    const at = a + <usize>k * column + (<usize>k << 3);
    const factors = tau + (<usize>k << 3);
    if (block > NARROW) factorBlocks(m - k, width, at, column, factors, NARROW, work);
    else factorPanel(m - k, width, at, column, factors, work);
    const next = <usize>width * column;
    applyBlock(width, m - k, at, column, factors, 1, n - k - width, at + next, column, 0, work);
  }
}

/** Where downdating has cost so much of a length, it is computed again. */
const DOWNDATE_LIMIT: f64 = 1.4901161193847656e-8;

/** Bytes of workspace for `geqp3`. */
export function geqp3Workspace(m: i32, n: i32): usize {
  return (<usize>(3 * n + BLOCK + BLOCK * n) << 3) + gemmWorkspace(n, m, BLOCK);
}

function exchange(n: i32, x: usize, y: usize, step: usize): void {
  for (let i = 0; i < n; i++) {
    const value = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, value);
    x += step;
    y += step;
  }
}

/**
 * A P = Q R with |r_kk| descending, as `geqrf` leaves it (DGEQP3). Half of the work is in products of matrices.
 * Source: Quintana-Orti, Sun & Bischof 1998, "A BLAS-3 version of the QR factorization with column pivoting"; the
 * downdating of lengths is Drmac & Bujanovic 2008.
 *
 * @param permutation n numbers of 32 bits: column j of A P is column permutation[j] of A
 * @param work `geqp3Workspace(m, n)` bytes
 */
export function geqp3(m: i32, n: i32, a: usize, column: usize, tau: usize, permutation: usize, work: usize): void {
  const lengths = work;
  const exact = lengths + (<usize>n << 3);
  const update = exact + (<usize>n << 3);
  const coefficients = update + (<usize>n << 3);
  // F = A^T V T, so that the block's reflections take A to A - V F^T
  const f = coefficients + (BLOCK << 3);
  const fColumn = <usize>n << 3;
  const products = f + <usize>BLOCK * fColumn;
  for (let j = 0; j < n; j++) {
    store<i32>(permutation + (<usize>j << 2), j);
    const length = norm(m, a + <usize>j * column);
    setNumber(lengths, j, length);
    setNumber(exact, j, length);
  }
  const steps = min(m, n);
  let from = 0;
  while (from < steps) {
    const width = min(BLOCK, steps - from);
    const panel = a + <usize>from * column;
    let k = 0;
    let unsafe = false;
    while (k < width && !unsafe) {
      const at = from + k;
      let longest = at;
      for (let j = at + 1; j < n; j++) if (numberAt(lengths, j) > numberAt(lengths, longest)) longest = j;
      if (longest != at) {
        exchange(m, a + <usize>at * column, a + <usize>longest * column, 8);
        exchange(k, f + (<usize>at << 3), f + (<usize>longest << 3), fColumn);
        setNumber(lengths, longest, numberAt(lengths, at));
        setNumber(exact, longest, numberAt(exact, at));
        const place = permutation + (<usize>at << 2);
        const other = permutation + (<usize>longest << 2);
        const index = load<i32>(place);
        store<i32>(place, load<i32>(other));
        store<i32>(other, index);
      }
      const rows = m - at;
      const down = <usize>at << 3;
      const head = a + <usize>at * column + down;
      // the column as the block's earlier reflections leave it
      for (let c = 0; c < k; c++) setNumber(coefficients, c, load<f64>(f + <usize>c * fColumn + down));
      gemv(k, rows, -1, panel + down, column, 1, coefficients, 1, head);
      const factor = reflection(rows, head);
      setNumber(tau, at, factor);
      const diagonal = load<f64>(head);
      store<f64>(head, 1);
      const fk = f + <usize>k * fColumn;
      const rest = n - at - 1;
      gemv(rest, rows, factor, head + column, column, 0, head, 0, fk + down + 8);
      for (let j = from; j <= at; j++) setNumber(fk, j, 0);
      gemv(k, rows, -factor, panel + down, column, 0, head, 0, coefficients);
      const firstRow = <usize>from << 3;
      gemv(k, n - from, 1, f + firstRow, fColumn, 1, coefficients, 1, fk + firstRow);
      // row `at` of R
      for (let c = 0; c <= k; c++) setNumber(coefficients, c, load<f64>(panel + <usize>c * column + down));
      gemv(k + 1, rest, 1, f + down + 8, fColumn, 1, coefficients, 0, update);
      let entryAt = head + column;
      for (let j = 0; j < rest; j++) {
        const entry = load<f64>(entryAt) - numberAt(update, j);
        store<f64>(entryAt, entry);
        entryAt += column;
        const index = at + 1 + j;
        const length = numberAt(lengths, index);
        if (length == 0) continue;
        const share = Math.abs(entry) / length;
        const left = max((1 + share) * (1 - share), 0);
        const lost = length / numberAt(exact, index);
        if (left * lost * lost <= DOWNDATE_LIMIT) {
          setNumber(exact, index, -1);
          unsafe = true;
        } else setNumber(lengths, index, length * Math.sqrt(left));
      }
      store<f64>(head, diagonal);
      k++;
    }
    const next = from + k;
    const down = <usize>next << 3;
    if (next < n && next < m)
      gemm(
        n - next, m - next, k, -1, f + down, 8, fColumn, panel + down, column, 8, 1,
        a + <usize>next * column + down, column, ALL, products,
      );
    if (unsafe)
      for (let j = next; j < n; j++)
        if (numberAt(exact, j) < 0) {
          const length = norm(m - next, a + <usize>j * column + down);
          setNumber(lengths, j, length);
          setNumber(exact, j, length);
        }
    from = next;
  }
}
