// Matrix-vector products, rank-one updates and triangular solves with one right-hand side, row by row.
import { axpy, dot, scale } from "./level1";
import { add, LANES, loadVector, mul, splat, storeVector, sumLanes, WIDTH, zero } from "./simd";

@inline
function put(y: usize, alpha: f64, sum: f64, beta: f64): void {
  store<f64>(y, beta == 0 ? alpha * sum : alpha * sum + beta * load<f64>(y));
}

/** Four rows of  y = alpha A x + beta y, which share each read of x. */
export function gemvFourRows(n: i32, alpha: f64, a: usize, row: usize, x: usize, beta: f64, y: usize): void {
  let a1 = a + row;
  let a2 = a1 + row;
  let a3 = a2 + row;
  let p0 = zero();
  let p1 = zero();
  let p2 = zero();
  let p3 = zero();
  let q0 = zero();
  let q1 = zero();
  let q2 = zero();
  let q3 = zero();
  const end = x + (<usize>n << 3);
  const pairs = x + (<usize>(n - (n % (2 * LANES))) << 3);
  while (x < pairs) {
    const x0 = loadVector(x);
    p0 = add(p0, mul(loadVector(a), x0));
    p1 = add(p1, mul(loadVector(a1), x0));
    p2 = add(p2, mul(loadVector(a2), x0));
    p3 = add(p3, mul(loadVector(a3), x0));
    const x1 = loadVector(x + WIDTH);
    q0 = add(q0, mul(loadVector(a + WIDTH), x1));
    q1 = add(q1, mul(loadVector(a1 + WIDTH), x1));
    q2 = add(q2, mul(loadVector(a2 + WIDTH), x1));
    q3 = add(q3, mul(loadVector(a3 + WIDTH), x1));
    a += 2 * WIDTH;
    a1 += 2 * WIDTH;
    a2 += 2 * WIDTH;
    a3 += 2 * WIDTH;
    x += 2 * WIDTH;
  }
  let s0 = sumLanes(add(p0, q0));
  let s1 = sumLanes(add(p1, q1));
  let s2 = sumLanes(add(p2, q2));
  let s3 = sumLanes(add(p3, q3));
  while (x < end) {
    const xj = load<f64>(x);
    s0 += load<f64>(a) * xj;
    s1 += load<f64>(a1) * xj;
    s2 += load<f64>(a2) * xj;
    s3 += load<f64>(a3) * xj;
    a += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    x += 8;
  }
  put(y, alpha, s0, beta);
  put(y + 8, alpha, s1, beta);
  put(y + 16, alpha, s2, beta);
  put(y + 24, alpha, s3, beta);
}

/** y = y + f0 a_0 + f1 a_1 + f2 a_2 + f3 a_3  of four rows of A. */
export function addFourRows(n: i32, f0: f64, f1: f64, f2: f64, f3: f64, a: usize, row: usize, y: usize): void {
  let a1 = a + row;
  let a2 = a1 + row;
  let a3 = a2 + row;
  const v0 = splat(f0);
  const v1 = splat(f1);
  const v2 = splat(f2);
  const v3 = splat(f3);
  const end = y + (<usize>n << 3);
  const whole = y + (<usize>(n - (n % LANES)) << 3);
  while (y < whole) {
    const even = add(mul(v0, loadVector(a)), mul(v1, loadVector(a1)));
    const odd = add(mul(v2, loadVector(a2)), mul(v3, loadVector(a3)));
    storeVector(y, add(loadVector(y), add(even, odd)));
    a += WIDTH;
    a1 += WIDTH;
    a2 += WIDTH;
    a3 += WIDTH;
    y += WIDTH;
  }
  while (y < end) {
    store<f64>(
      y,
      load<f64>(y) +
        (f0 * load<f64>(a) + f1 * load<f64>(a1) + (f2 * load<f64>(a2) + f3 * load<f64>(a3))),
    );
    a += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    y += 8;
  }
}

/**
 * y = alpha A x + beta y,  or  alpha A^T x + beta y  (DGEMV).
 *
 * @param a m x n, rows `row` bytes apart
 */
export function gemv(
  m: i32, n: i32, alpha: f64, a: usize, row: usize, transposed: i32, x: usize, beta: f64, y: usize,
): void {
  let i = 0;
  if (transposed) {
    if (beta != 1) scale(n, beta, y);
    for (; i + 4 <= m; i += 4) {
      addFourRows(
        n, alpha * load<f64>(x), alpha * load<f64>(x, 8), alpha * load<f64>(x, 16), alpha * load<f64>(x, 24), a, row, y,
      );
      a += 4 * row;
      x += 32;
    }
    for (; i < m; i++) {
      axpy(n, alpha * load<f64>(x), a, y);
      a += row;
      x += 8;
    }
    return;
  }
  for (; i + 4 <= m; i += 4) {
    gemvFourRows(n, alpha, a, row, x, beta, y);
    a += 4 * row;
    y += 32;
  }
  for (; i < m; i++) {
    put(y, alpha, dot(n, a, x), beta);
    a += row;
    y += 8;
  }
}

/** A = A + alpha x y^T (DGER). */
export function ger(m: i32, n: i32, alpha: f64, x: usize, y: usize, a: usize, row: usize): void {
  for (let i = 0; i < m; i++) {
    axpy(n, alpha * load<f64>(x), y, a);
    x += 8;
    a += row;
  }
}

/** y = y + factor a,  and the sum of a_j x_j, in one pass. */
export function addRowAndDot(n: i32, factor: f64, a: usize, x: usize, y: usize): f64 {
  const v = splat(factor);
  let s = zero();
  const end = a + (<usize>n << 3);
  const whole = a + (<usize>(n - (n % LANES)) << 3);
  while (a < whole) {
    const entry = loadVector(a);
    s = add(s, mul(entry, loadVector(x)));
    storeVector(y, add(loadVector(y), mul(v, entry)));
    a += WIDTH;
    x += WIDTH;
    y += WIDTH;
  }
  let sum = sumLanes(s);
  while (a < end) {
    const entry = load<f64>(a);
    sum += entry * load<f64>(x);
    store<f64>(y, load<f64>(y) + factor * entry);
    a += 8;
    x += 8;
    y += 8;
  }
  return sum;
}

/** y = alpha A x + beta y  for symmetric A, of which one triangle is read (DSYMV). */
export function symv(n: i32, alpha: f64, a: usize, row: usize, lower: i32, x: usize, beta: f64, y: usize): void {
  if (beta != 1) scale(n, beta, y);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const factor = alpha * load<f64>(x + at);
    const count = lower ? i : n - i - 1;
    const from = lower ? <usize>0 : at + 8;
    const sum = addRowAndDot(count, factor, a + from, x + from, y + from);
    store<f64>(y + at, load<f64>(y + at) + alpha * sum + factor * load<f64>(a + at));
    a += row;
  }
}

/** Solves  T x = b  or  T^T x = b  in place (DTRSV). */
export function trsv(n: i32, t: usize, row: usize, lower: i32, transposed: i32, unit: i32, x: usize): void {
  const forward = lower != transposed;
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    const line = t + <usize>i * row;
    const at = <usize>i << 3;
    const count = lower ? i : n - i - 1;
    const from = lower ? <usize>0 : at + 8;
    let value = load<f64>(x + at);
    if (!transposed) value -= dot(count, line + from, x + from);
    if (!unit) value /= load<f64>(line + at);
    store<f64>(x + at, value);
    if (transposed) axpy(count, -value, line + from, x + from);
  }
}
