// The Cholesky factorization of the lower triangle, in place: halves, whose updates are products.
import { gemm, LOWER } from "./gemm";
import { axpy, divide } from "./level1";
import { LANES, loadVector, mul, splat, storeVector, sub, WIDTH } from "./simd";
import { trsm, trsmWorkspace } from "./trsm";

/** Blocks up to this order are factorized four rows of L^T at a time, which those below take in one pass. */
const BASE: i32 = 32;
const EPSILON: f64 = 2.220446049250313e-16;

/** Bytes of workspace for order n. */
export function choleskyWorkspace(n: i32): usize {
  return trsmWorkspace(n, n) + (<usize>(2 * n + BASE * BASE) << 3);
}


/**
 * n eps sum_j A_jj x_j^2,  A_11 x_1 = -a_1i,  x_i = 1: what rounding can do to the pivot of row i, whose columns before
 * the diagonal are those of L.
 */
function pivotRounding(n: i32, i: i32, a: usize, row: usize, diagonal: f64, x: usize): f64 {
  memory.copy(x, a + <usize>i * row, <usize>i << 3);
  let sum = diagonal;
  for (let j = i - 1; j >= 0; j--) {
    const line = a + <usize>j * row;
    const at = <usize>j << 3;
    const value = load<f64>(x + at) / load<f64>(line + at);
    let square: f64 = 0;
    for (let k: usize = 0; k <= at; k += 8) square += load<f64>(line + k) * load<f64>(line + k);
    axpy(j, -value, line, x);
    sum += square * value * value;
  }
  return <f64>n * EPSILON * sum;
}

/** Writes the first `columns` columns of a block's factor, kept transposed in `u`, to the lower triangle. */
function writeBack(size: i32, columns: i32, u: usize, a: usize, row: usize): void {
  for (let i = 0; i < size; i++) {
    const end = min(columns, i + 1);
    for (let j = 0; j < end; j++) store<f64>(a + (<usize>j << 3), load<f64>(u + (<usize>(j * BASE + i) << 3)));
    a += row;
  }
}

/**
 * y = y - f0 a_0 - f1 a_1 - f2 a_2 - f3 a_3,  from left to right: where a pivot is nothing but rounding, all of its row is
 * rounded as it is. The factors stand at a, `BASE` numbers apart, and the rows begin there.
 */
export function subtractFourRows(n: i32, a: usize, y: usize): void {
  const step = <usize>BASE << 3;
  const f0 = load<f64>(a);
  const f1 = load<f64>(a + step);
  const f2 = load<f64>(a + 2 * step);
  const f3 = load<f64>(a + 3 * step);
  const v0 = splat(f0);
  const v1 = splat(f1);
  const v2 = splat(f2);
  const v3 = splat(f3);
  const end = y + (<usize>n << 3);
  const whole = y + (<usize>(n - (n % LANES)) << 3);
  for (; y < whole; y += WIDTH) {
    const first = sub(sub(loadVector(y), mul(v0, loadVector(a))), mul(v1, loadVector(a + step)));
    storeVector(y, sub(sub(first, mul(v2, loadVector(a + 2 * step))), mul(v3, loadVector(a + 3 * step))));
    a += WIDTH;
  }
  for (; y < end; y += 8) {
    const first = load<f64>(y) - f0 * load<f64>(a) - f1 * load<f64>(a + step);
    store<f64>(y, first - f2 * load<f64>(a + 2 * step) - f3 * load<f64>(a + 3 * step));
    a += 8;
  }
}

/** Subtracts from the rows below what four rows of a block's factor, from `first` on, have of them. */
function subtractFour(first: i32, size: i32, u: usize): void {
  for (let i = first + 4; i < size; i++)
    subtractFourRows(size - i, u + (<usize>(first * BASE + i) << 3), u + (<usize>(i * BASE + i) << 3));
}

/** Block of order `size` at row and column `at`, all updates from the left done. */
function factorizeBase(
  n: i32, at: i32, size: i32, a: usize, row: usize, relativePivot: f64, leastPivots: usize, diagonal: usize,
  u: usize, x: usize,
): i32 {
  const block = a + <usize>at * (row + 8);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++)
      store<f64>(u + (<usize>(j * BASE + i) << 3), load<f64>(block + <usize>i * row + (<usize>j << 3)));
  for (let j = 0; j < size; j++) {
    const line = u + (<usize>(j * BASE + j) << 3);
    let pivot = load<f64>(line);
    const original = load<f64>(diagonal + (<usize>(at + j) << 3));
    if (leastPivots == 0) {
      if (!(pivot > relativePivot * original)) pivot = NaN;
    } else {
      const least = load<f64>(leastPivots + (<usize>(at + j) << 3));
      if (pivot < least) {
        writeBack(size, j, u, block, row);
        const rounding = pivotRounding(n, at + j, a, row, original, x);
        if (!(pivot < -rounding) && !(pivot > rounding)) pivot = max(least, rounding);
      }
    }
    if (!(pivot > 0 && pivot < Infinity)) return at + j;
    const root = sqrt(pivot);
    store<f64>(line, root);
    divide(size - j - 1, root, line + 8);
    const next = min(size, (j | 3) + 1);
    for (let i = j + 1; i < next; i++) {
      const entry = line + (<usize>(i - j) << 3);
      axpy(size - i, -load<f64>(entry), entry, u + (<usize>(i * BASE + i) << 3));
    }
    if ((j & 3) == 3) subtractFour(j - 3, size, u);
  }
  writeBack(size, size, u, block, row);
  return -1;
}

function factorize(
  n: i32, at: i32, size: i32, a: usize, row: usize, relativePivot: f64, leastPivots: usize, diagonal: usize,
  u: usize, x: usize, work: usize,
): i32 {
  if (size <= BASE) return factorizeBase(n, at, size, a, row, relativePivot, leastPivots, diagonal, u, x);
  const first = ((size / 2 + BASE - 1) / BASE) * BASE;
  const rest = size - first;
  const failed = factorize(n, at, first, a, row, relativePivot, leastPivots, diagonal, u, x, work);
  if (failed >= 0) return failed;
  const corner = a + <usize>at * (row + 8);
  const below = corner + <usize>first * row;
  // L21 = A21 L11^-T;  A22 = A22 - L21 L21^T
  trsm(first, rest, corner, row, 8, 1, 0, below, 8, row, work);
  gemm(rest, rest, first, -1, below, row, 8, below, 8, row, 1, below + (<usize>first << 3), row, LOWER, work);
  return factorize(n, at + first, rest, a, row, relativePivot, leastPivots, diagonal, u, x, work);
}

/**
 * A = L L^T in place (DPOTRF). What stands above the diagonal is neither read nor written.
 *
 * Without `leastPivots` a pivot must exceed `relativePivot` times its diagonal entry in A. With them A is a semidefinite
 * matrix plus a definite one with these pivots: a pivot below its least one that rounding explains is replaced by the
 * larger of both.
 *
 * @param leastPivots address of n numbers, or 0
 * @param work `choleskyWorkspace(n)` bytes
 * @returns the first row whose pivot is not accepted; n where there is none
 */
export function cholesky(n: i32, a: usize, row: usize, relativePivot: f64, leastPivots: usize, work: usize): i32 {
  const diagonal = work;
  const x = diagonal + (<usize>n << 3);
  const u = x + (<usize>n << 3);
  for (let i = 0; i < n; i++) store<f64>(diagonal + (<usize>i << 3), load<f64>(a + <usize>i * (row + 8)));
  const rest = u + ((BASE * BASE) << 3);
  const failed = factorize(n, 0, n, a, row, relativePivot, leastPivots, diagonal, u, x, rest);
  return failed < 0 ? n : failed;
}
