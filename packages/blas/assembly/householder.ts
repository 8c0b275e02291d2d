// Householder reflections H = I - tau v v^T with v_0 = 1, one by one and in blocks. A matrix is given by its columns:
// each without gaps, `column` bytes from one to the next.
import { ALL, gemm, gemmWorkspace } from "./gemm";
import { dot, scale } from "./level1";

/** Reflections in a block. */
export const BLOCK: i32 = 32;
/** The least number whose reciprocal does not overflow, over the unit roundoff. */
const SAFE_MIN: f64 = 2.004168360008973e-292;

@inline
export function numberAt(x: usize, i: i32): f64 {
  return load<f64>(x + (<usize>i << 3));
}

@inline
export function setNumber(x: usize, i: i32, value: f64): void {
  store<f64>(x + (<usize>i << 3), value);
}

/** Euclidean length; squares neither overflow nor underflow (DNRM2). */
export function norm(n: i32, x: usize): f64 {
  const squares = dot(n, x, x);
  if (squares > 1e-280 && squares < 1e300) return Math.sqrt(squares);
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) largest = max(largest, Math.abs(numberAt(x, i)));
  if (!(largest > 0) || largest == Infinity) return largest;
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const part = numberAt(x, i) / largest;
    sum += part * part;
  }
  return largest * Math.sqrt(sum);
}

/** sqrt(x^2 + y^2) without overflow (DLAPY2). */
export function length2(x: f64, y: f64): f64 {
  const a = Math.abs(x);
  const b = Math.abs(y);
  const large = max(a, b);
  const small = min(a, b);
  if (small == 0 || large == Infinity) return large;
  const part = small / large;
  return large * Math.sqrt(1 + part * part);
}

/**
 * The reflection that takes x to (beta, 0, ..., 0): beta in the place of x_0, the rest of v in that of the rest (DLARFG).
 *
 * @returns tau, 0 where nothing has to change
 */
export function reflection(n: i32, x: usize): f64 {
  if (n <= 1) return 0;
  const tail = x + 8;
  let length = norm(n - 1, tail);
  if (length == 0) return 0;
  let alpha = load<f64>(x);
  let beta = -copysign<f64>(length2(alpha, length), alpha);
  let scalings = 0;
  while (Math.abs(beta) < SAFE_MIN && scalings < 20) {
    scale(n - 1, 1 / SAFE_MIN, tail);
    alpha /= SAFE_MIN;
    length = norm(n - 1, tail);
    beta = -copysign<f64>(length2(alpha, length), alpha);
    scalings++;
  }
  const tau = (beta - alpha) / beta;
  scale(n - 1, 1 / (alpha - beta), tail);
  for (; scalings > 0; scalings--) beta *= SAFE_MIN;
  store<f64>(x, beta);
  return tau;
}

/** Bytes of workspace for `applyBlock` to so many columns of so many rows. */
export function blockWorkspace(rows: i32, columns: i32): usize {
  // the first is that of V^T V
  const products = max(
    gemmWorkspace(BLOCK, BLOCK, rows), max(gemmWorkspace(columns, BLOCK, rows), gemmWorkspace(columns, rows, BLOCK)),
  );
  return (<usize>(BLOCK * rows + 2 * BLOCK * BLOCK + 2 * BLOCK * columns) << 3) + products;
}

/**
 * C <- H_0 H_1 ... H_{k-1} C, or its transpose times C, as I - V T V^T (DLARFT and DLARFB).
 *
 * @param k at most BLOCK reflections
 * @param v column j is v_j from entry j on, without its 1; what stands above is not read
 * @param tau k factors
 * @param rows of V and C
 * @param unit how many columns of C, its first, are those of the identity: 0 or k
 */
export function applyBlock(
  k: i32, rows: i32, v: usize, vColumn: usize, tau: usize, transposed: i32, columns: i32, c: usize, cColumn: usize,
  unit: i32, work: usize,
): void {
  if (k == 0 || columns == 0) return;
  const stride = <usize>rows << 3;
  const clean = work;
  const t = clean + <usize>BLOCK * stride;
  const gram = t + ((BLOCK * BLOCK) << 3);
  const first = gram + ((BLOCK * BLOCK) << 3);
  const second = first + (<usize>(BLOCK * columns) << 3);
  const products = second + (<usize>(BLOCK * columns) << 3);
  for (let j = 0; j < k; j++) {
    const to = clean + <usize>j * stride;
    const head = <usize>j << 3;
    memory.fill(to, 0, head);
    store<f64>(to + head, 1);
    memory.copy(to + head + 8, v + <usize>j * vColumn + head + 8, stride - head - 8);
  }
  const row = <usize>k << 3;
  // T, upper triangular: t_jj = tau_j, the column above it -tau_j T V^T v_j
  gemm(k, k, rows, 1, clean, stride, 8, clean, 8, stride, 0, gram, row, ALL, products);
  for (let j = 0; j < k; j++) {
    const factor = numberAt(tau, j);
    for (let i = 0; i < k; i++) {
      let entry: f64 = 0;
      if (i == j) entry = factor;
      else if (i < j) {
        for (let l = i; l < j; l++) entry += load<f64>(t + <usize>i * row + (<usize>l << 3)) * load<f64>(gram + <usize>l * row + (<usize>j << 3));
        entry *= -factor;
      }
      store<f64>(t + <usize>i * row + (<usize>j << 3), entry);
    }
  }
  // by columns as rows: C^T <- C^T - (C^T V) T' V^T
  for (let i = 0; i < unit; i++)
    for (let j = 0; j < k; j++)
      store<f64>(first + <usize>i * row + (<usize>j << 3), load<f64>(clean + <usize>j * stride + (<usize>i << 3)));
  const others = <usize>unit;
  gemm(
    columns - unit, k, rows, 1, c + others * cColumn, cColumn, 8, clean, 8, stride, 0, first + others * row, row, ALL,
    products,
  );
  gemm(columns, k, k, 1, first, row, 8, t, transposed ? row : 8, transposed ? 8 : row, 0, second, row, ALL, products);
  gemm(columns, rows, k, -1, second, row, 8, clean, stride, 8, 1, c, cColumn, ALL, products);
}

/** Bytes of workspace for `applyReflections`. */
export function reflectionsWorkspace(rows: i32, columns: i32): usize {
  return blockWorkspace(rows, columns);
}

/**
 * C <- H_0 ... H_{k-1} C, or its transpose times C, for any number of reflections (DORMQR).
 *
 * @param identity whether C is the first columns of the identity, of which H_0 ... H_{k-1} C is to be formed
 */
export function applyReflections(
  k: i32, rows: i32, v: usize, vColumn: usize, tau: usize, transposed: i32, columns: i32, c: usize, cColumn: usize,
  identity: i32, work: usize,
): void {
  const blocks = (k + BLOCK - 1) / BLOCK;
  for (let step = 0; step < blocks; step++) {
    const from = (transposed ? step : blocks - 1 - step) * BLOCK;
    const at = <usize>from << 3;
    const skipped = identity ? from : 0;
    const width = min(BLOCK, k - from);
    applyBlock(
      width, rows - from, v + <usize>from * vColumn + at, vColumn, tau + at, transposed,
      columns - skipped, c + <usize>skipped * cColumn + at, cColumn, identity ? width : 0, work,
    );
  }
}

/** The transpose of an m x n matrix: from rows `row` bytes apart to columns `column` bytes apart. */
export function transpose(m: i32, n: i32, from: usize, row: usize, to: usize, column: usize): void {
  for (let i0 = 0; i0 < m; i0 += 16) {
    const iEnd = min(m, i0 + 16);
    for (let j0 = 0; j0 < n; j0 += 16) {
      const jEnd = min(n, j0 + 16);
      for (let i = i0; i < iEnd; i++) {
        let source = from + <usize>i * row + (<usize>j0 << 3);
        let target = to + <usize>j0 * column + (<usize>i << 3);
        for (let j = j0; j < jEnd; j++) {
          store<f64>(target, load<f64>(source));
          source += 8;
          target += column;
        }
      }
    }
  }
}
