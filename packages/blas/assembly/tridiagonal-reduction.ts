// Q^T A Q = T, tridiagonal, of a symmetric A by Householder reflections in panels, and Q applied to vectors.
// Source: Dongarra, Sorensen & Hammarling 1989, "Block reduction of matrices to condensed forms"; LAPACK's DSYTRD with
// UPLO = 'U' in column-major order, which is the lower triangle in row-major order: the last row comes first, and the
// vector of a reflection lies in its row.
import { gemm, gemmWorkspace, LOWER } from "./gemm";
import { length2, norm } from "./householder";
import { axpy, dot, scale } from "./level1";
import { addRowAndDot, gemv } from "./matrix-vector";
import { add, loadVector, mul, splat, storeVector, sumLanes, WIDTH, zero } from "./simd";

/** Reflections of a panel of the reduction, and of a block applied to vectors. */
const PANEL: i32 = 32;
const BLOCK: i32 = 32;

/** What is this small is rounding beside a largest entry of at least 1e-100. */
const NEGLIGIBLE: f64 = 1e-250;

/**
 * Four rows of a symmetric matrix left of their diagonal block, each entry read once: y = y + sum_r x_r a_r  and
 * s_r = a_r^T x, r < 4.
 *
 * @param n a multiple of 4
 * @param factors x_0 to x_3, followed by the room for s_0 to s_3
 */
export function symvFourRows(n: i32, a: usize, row: usize, x: usize, y: usize, factors: usize): void {
  let a1 = a + row;
  let a2 = a1 + row;
  let a3 = a2 + row;
  const x0 = splat(load<f64>(factors));
  const x1 = splat(load<f64>(factors, 8));
  const x2 = splat(load<f64>(factors, 16));
  const x3 = splat(load<f64>(factors, 24));
  let s0 = zero();
  let s1 = zero();
  let s2 = zero();
  let s3 = zero();
  const end = x + (<usize>n << 3);
  while (x < end) {
    const v = loadVector(x);
    const r0 = loadVector(a);
    const r1 = loadVector(a1);
    s0 = add(s0, mul(r0, v));
    s1 = add(s1, mul(r1, v));
    const even = add(mul(r0, x0), mul(r1, x1));
    const r2 = loadVector(a2);
    const r3 = loadVector(a3);
    s2 = add(s2, mul(r2, v));
    s3 = add(s3, mul(r3, v));
    const odd = add(mul(r2, x2), mul(r3, x3));
    storeVector(y, add(loadVector(y), add(even, odd)));
    a += WIDTH;
    a1 += WIDTH;
    a2 += WIDTH;
    a3 += WIDTH;
    x += WIDTH;
    y += WIDTH;
  }
  store<f64>(factors, sumLanes(s0), 32);
  store<f64>(factors, sumLanes(s1), 40);
  store<f64>(factors, sumLanes(s2), 48);
  store<f64>(factors, sumLanes(s3), 56);
}

/**
 * y = A x  for a symmetric A, of which the lower triangle is read.
 *
 * @param work 64 bytes
 */
function symvLower(n: i32, a: usize, row: usize, x: usize, y: usize, work: usize): void {
  memory.fill(y, 0, <usize>n << 3);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 3;
    memory.copy(work, x + at, 32);
    symvFourRows(i, a, row, x, y, work);
    for (let r = 0; r < 4; r++) {
      const here = at + (<usize>r << 3);
      let sum = load<f64>(work + (<usize>r << 3), 32);
      if (r > 0) sum += addRowAndDot(r, load<f64>(x + here), a + at, x + at, y + at);
      store<f64>(y + here, load<f64>(y + here) + sum + load<f64>(a + here) * load<f64>(x + here));
      a += row;
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 3;
    const sum = addRowAndDot(i, load<f64>(x + at), a, x, y);
    store<f64>(y + at, load<f64>(y + at) + sum + load<f64>(a + at) * load<f64>(x + at));
    a += row;
  }
}

/**
 * Makes a row x of n numbers the vector v, v_n = 1, of the reflection H = I - tau v v^T that takes x to
 * (0, ..., 0, beta) (DLARFG).
 *
 * @param tau where tau goes
 * @returns beta
 */
function reflect(n: i32, x: usize, tau: usize): f64 {
  const last = x + (<usize>(n - 1) << 3);
  const alpha = load<f64>(last);
  const rest = norm(n - 1, x);
  store<f64>(last, 1);
  if (rest <= NEGLIGIBLE) {
    store<f64>(tau, 0);
    return alpha;
  }
  const beta = -copysign<f64>(length2(alpha, rest), alpha);
  store<f64>(tau, (beta - alpha) / beta);
  scale(n - 1, 1 / (alpha - beta), x);
  return beta;
}

/** Bytes of workspace of `tridiagonalReduction`. */
export function reductionWorkspace(n: i32): usize {
  const panel = <usize>(3 * PANEL * n) << 3;
  return panel + (<usize>PANEL << 4) + 64 + gemmWorkspace(n, n, 2 * PANEL);
}

/**
 * Reduces the leading k x k part of A by reflections of its last `count` rows, without applying them to the rows
 * above.
 *
 * @param panel `count` rows V, as many W, at which the leading part has to become  A - V^T W - W^T V
 * @param work 2 PANEL numbers and 64 bytes
 */
function reducePanel(
  k: i32, count: i32, a: usize, row: usize, d: usize, e: usize, tau: usize, panel: usize, work: usize,
): void {
  const other = panel + <usize>count * row;
  const small = work + (<usize>PANEL << 4);
  for (let s = 0; s < count; s++) {
    const i = k - 1 - s;
    const at = <usize>i << 3;
    const line = a + <usize>i * row;
    for (let t = 0; t < s; t++) {
      const offset = <usize>t * row + at;
      store<f64>(work + (<usize>t << 3), load<f64>(other + offset));
      store<f64>(work + (<usize>(s + t) << 3), load<f64>(panel + offset));
    }
    gemv(s, i + 1, -1, panel, row, 1, work, 1, line);
    gemv(s, i + 1, -1, other, row, 1, work + (<usize>s << 3), 1, line);
    store<f64>(d + at, load<f64>(line + at));
    if (i == 0) break;
    store<f64>(e + at - 8, reflect(i, line, tau + at));
    const v = panel + <usize>s * row;
    const w = other + <usize>s * row;
    memory.copy(v, line, at);
    const factor = load<f64>(tau + at);
    if (factor == 0) {
      memory.fill(w, 0, at);
      continue;
    }
    symvLower(i, a, row, v, w, small);
    gemv(s, i, 1, other, row, 0, v, 0, work);
    gemv(s, i, 1, panel, row, 0, v, 0, work + (<usize>s << 3));
    gemv(s, i, -1, panel, row, 1, work, 1, w);
    gemv(s, i, -1, other, row, 1, work + (<usize>s << 3), 1, w);
    scale(i, factor, w);
    axpy(i, -0.5 * factor * dot(i, v, w), v, w);
  }
}

/**
 * The tridiagonal form of a symmetric matrix, of which the lower triangle is read and overwritten (DSYTRD): row i > 0
 * then has the vector of reflection i, whose last number, in column i - 1, is 1; Q = H_(n-1) ... H_1.
 *
 * @param a n x n, the largest entry between 1e-100 and 1e100, or 0; rows `row` = 8 n bytes apart
 * @param d n numbers: the diagonal
 * @param e n - 1 numbers: the off-diagonal
 * @param tau n numbers: reflection i's factor is the i-th, 0 where it is the identity
 */
export function tridiagonalReduction(
  n: i32, a: usize, row: usize, d: usize, e: usize, tau: usize, work: usize,
): void {
  const panel = work;
  const small = panel + <usize>(3 * PANEL) * row;
  const products = small + (<usize>PANEL << 4) + 64;
  for (let k = n; k > 0; ) {
    const count = min(PANEL, k);
    reducePanel(k, count, a, row, d, e, tau, panel, small);
    const block = <usize>count * row;
    k -= count;
    // A - V^T W - W^T V  is one product, of [V; W]^T and [W; V]
    memory.copy(panel + 2 * block, panel, block);
    gemm(k, k, 2 * count, -1, panel, 8, row, panel + block, row, 8, 1, a, row, LOWER, products);
  }
}

/** Bytes of workspace of `applyReflections` to m vectors of n numbers. */
export function applyWorkspace(m: i32, n: i32): usize {
  const panels = <usize>(2 * BLOCK * n + m * BLOCK + 2 * BLOCK * BLOCK) << 3;
  const most = max(gemmWorkspace(m, BLOCK, n), gemmWorkspace(m, n, BLOCK));
  return panels + max(most, gemmWorkspace(BLOCK, n, BLOCK));
}

/**
 * The lower triangular T of  H_last ... H_first = I - V^T T V  (Schreiber & Van Loan 1989).
 *
 * @param t count x count, zeros above the diagonal; holds V V^T on entry
 * @param work `count` numbers
 */
function compactFactor(count: i32, t: usize, tau: usize, work: usize): void {
  const row = <usize>count << 3;
  for (let i = 0; i < count; i++) {
    const line = t + <usize>i * row;
    const factor = load<f64>(tau + (<usize>i << 3));
    memory.copy(work, line, <usize>i << 3);
    gemv(i, i, -factor, t, row, 1, work, 0, line);
    store<f64>(line + (<usize>i << 3), factor);
    memory.fill(line + (<usize>(i + 1) << 3), 0, row - (<usize>(i + 1) << 3));
  }
}

/**
 * Z = Z Q^T  for the Q of `tridiagonalReduction` (DORMTR): each of the m rows of Z, an eigenvector of the tridiagonal
 * matrix, becomes one of A. The reflections act in blocks.
 *
 * @param row bytes between rows, of A as of Z
 */
export function applyReflections(m: i32, n: i32, a: usize, row: usize, tau: usize, z: usize, work: usize): void {
  const v = work;
  const x = v + <usize>BLOCK * row;
  const w = x + <usize>BLOCK * row;
  const t = w + (<usize>(m * BLOCK) << 3);
  const line = t + ((BLOCK * BLOCK) << 3);
  const products = line + ((BLOCK * BLOCK) << 3);
  for (let first = 1; first < n; first += BLOCK) {
    const count = min(BLOCK, n - first);
    const width = first + count - 1;
    for (let i = 0; i < count; i++) {
      const length = <usize>(first + i) << 3;
      const vector = v + <usize>i * row;
      memory.copy(vector, a + <usize>(first + i) * row, length);
      memory.fill(vector + length, 0, (<usize>width << 3) - length);
    }
    const side = <usize>count << 3;
    gemm(count, count, width, 1, v, row, 8, v, 8, row, 0, t, side, LOWER, products);
    compactFactor(count, t, tau + (<usize>first << 3), line);
    // Z (I - V^T T^T V)
    gemm(count, width, count, 1, t, 8, side, v, row, 8, 0, x, row, 0, products);
    gemm(m, count, width, 1, z, row, 8, v, 8, row, 0, w, side, 0, products);
    gemm(m, width, count, -1, w, side, 8, x, row, 8, 1, z, row, 0, products);
  }
}
