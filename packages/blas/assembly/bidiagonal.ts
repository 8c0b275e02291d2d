// The reduction of a matrix to upper bidiagonal form by reflections from both sides, half of it in products of matrices.
// Source: Choi, Dongarra & Walker 1995, "The design of a parallel dense linear algebra software library: reduction to
// Hessenberg, tridiagonal, and bidiagonal form".
import { ALL, gemm, gemmWorkspace } from "./gemm";
import { BLOCK, reflection, setNumber } from "./householder";
import { scale } from "./level1";
import { gemv } from "./level2";

/** Numbers that stand `step` bytes apart, side by side. */
function gather(n: i32, from: usize, step: usize, to: usize): void {
  for (let i = 0; i < n; i++) {
    setNumber(to, i, load<f64>(from));
    from += step;
  }
}

/** Bytes of workspace for `gebrd`. */
export function gebrdWorkspace(m: i32, n: i32): usize {
  return (<usize>(BLOCK * (m + n) + BLOCK + 1) << 3) + gemmWorkspace(n, m, BLOCK);
}

/**
 * A = Q B P^T with upper bidiagonal B, m >= n (DGEBRD).
 *
 * @param a m x n; afterwards column j holds the left reflection j from its diagonal on, without its 1
 * @param d n numbers: B's diagonal
 * @param e n - 1 numbers: what stands right of it
 * @param tauQ n factors of the left reflections
 * @param p n x n by rows; afterwards row i holds the right reflection i from entry i + 1 on, without its 1
 * @param tauP n - 1 factors of the right reflections
 * @param work `gebrdWorkspace(m, n)` bytes
 */
export function gebrd(
  m: i32, n: i32, a: usize, column: usize, d: usize, e: usize, tauQ: usize, p: usize, pRow: usize, tauP: usize,
  work: usize,
): void {
  const xColumn = <usize>m << 3;
  const yColumn = <usize>n << 3;
  const x = work;
  const y = x + <usize>BLOCK * xColumn;
  const coefficients = y + <usize>BLOCK * yColumn;
  const products = coefficients + ((BLOCK + 1) << 3);
  for (let from = 0; from < n; from += BLOCK) {
    const width = min(BLOCK, n - from);
    const at = <usize>from << 3;
    const corner = a + <usize>from * column + at;
    const rows = p + <usize>from * pRow + at;
    reducePanel(
      m - from, n - from, width, corner, column, d + at, e + at, tauQ + at, rows, pRow, tauP + at, x, xColumn, y,
      yColumn, coefficients,
    );
    const left = n - from - width;
    if (left == 0) break;
    const below = m - from - width;
    const skip = <usize>width << 3;
    const rest = corner + <usize>width * column + skip;
    gemm(left, below, width, -1, y + skip, 8, yColumn, corner + skip, column, 8, 1, rest, column, ALL, products);
    gemm(left, below, width, -1, rows + skip, 8, pRow, x + skip, xColumn, 8, 1, rest, column, ALL, products);
  }
}

/**
 * The first columns and rows; what is right of them and below stays, but  A - V Y^T - X P  is to be put in its place
 * (DLABRD).
 */
function reducePanel(
  m: i32, n: i32, width: i32, a: usize, column: usize, d: usize, e: usize, tauQ: usize, p: usize, pRow: usize,
  tauP: usize, x: usize, xColumn: usize, y: usize, yColumn: usize, coefficients: usize,
): void {
  for (let i = 0; i < width; i++) {
    const down = <usize>i << 3;
    const next = down + 8;
    const rows = m - i;
    const head = a + <usize>i * column + down;
    gather(i, y + down, yColumn, coefficients);
    gemv(i, rows, -1, a + down, column, 1, coefficients, 1, head);
    gather(i, p + down, pRow, coefficients);
    gemv(i, rows, -1, x + down, xColumn, 1, coefficients, 1, head);
    const left = reflection(rows, head);
    setNumber(tauQ, i, left);
    setNumber(d, i, load<f64>(head));
    store<f64>(head, 1);
    const columns = n - i - 1;
    if (columns == 0) break;
    const yi = y + <usize>i * yColumn + next;
    gemv(columns, rows, 1, head + column, column, 0, head, 0, yi);
    gemv(i, rows, 1, a + down, column, 0, head, 0, coefficients);
    gemv(i, columns, -1, y + next, yColumn, 1, coefficients, 1, yi);
    gemv(i, rows, 1, x + down, xColumn, 0, head, 0, coefficients);
    gemv(i, columns, -1, p + next, pRow, 1, coefficients, 1, yi);
    scale(columns, left, yi);
    const row = p + <usize>i * pRow + next;
    gather(columns, head + column, column, row);
    gather(i + 1, a + down, column, coefficients);
    gemv(i + 1, columns, -1, y + next, yColumn, 1, coefficients, 1, row);
    gather(i, x + down, xColumn, coefficients);
    gemv(i, columns, -1, p + next, pRow, 1, coefficients, 1, row);
    const right = reflection(columns, row);
    setNumber(tauP, i, right);
    setNumber(e, i, load<f64>(row));
    store<f64>(row, 1);
    const xi = x + <usize>i * xColumn + next;
    const below = rows - 1;
    gemv(columns, below, 1, head + column + 8, column, 1, row, 0, xi);
    gemv(i + 1, columns, 1, y + next, yColumn, 0, row, 0, coefficients);
    gemv(i + 1, below, -1, a + next, column, 1, coefficients, 1, xi);
    gemv(i, columns, 1, p + next, pRow, 0, row, 0, coefficients);
    gemv(i, below, -1, x + next, xColumn, 1, coefficients, 1, xi);
    scale(below, right, xi);
  }
}
