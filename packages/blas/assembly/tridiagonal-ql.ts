// Eigenvalues of a symmetric tridiagonal matrix by QL iterations: without square roots where values are enough.
// Source: Parlett 1998, "The symmetric eigenvalue problem", chapter 8; LAPACK's DSTERF and DSTEQR.
import { rotate } from "./level1";

/** Unit roundoff. */
const ROUNDOFF: f64 = 1.1102230246251565e-16;
/** A square of the off-diagonal that is below this has lost digits, or soon will. */
const NEGLIGIBLE: f64 = 1e-280;
/** Iterations for an eigenvalue after which an entry counts as 0 beside the whole matrix, and in all. */
const PATIENCE: i32 = 30;
const MOST: i32 = 90;

@inline
function at(x: usize, i: i32): usize {
  return x + (<usize>i << 3);
}

/** Exchanges two rows. */
export function exchangeRows(n: i32, x: usize, y: usize): void {
  for (const end = at(x, n); x < end; x += 8) {
    const value = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, value);
    y += 8;
  }
}

function reverse(x: usize, first: i32, last: i32): void {
  for (let i = first, j = last; i < j; i++, j--) {
    const value = load<f64>(at(x, i));
    store<f64>(at(x, i), load<f64>(at(x, j)));
    store<f64>(at(x, j), value);
  }
}

/** max_i |d_i| + |e_i|. */
function size(n: i32, d: usize, e: usize): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) {
    const off = i + 1 < n ? Math.abs(load<f64>(at(e, i))) : 0;
    largest = Math.max(largest, Math.abs(load<f64>(at(d, i))) + off);
  }
  return largest;
}

@inline
function hypotenuse(x: f64): f64 {
  const size = Math.abs(x);
  return size > 1e8 ? size : Math.sqrt(1 + x * x);
}

/**
 * The last row of the block that begins at row l: the off-diagonal entry after it counts as 0.
 *
 * @param squares whether e has the squares of the off-diagonal
 */
function blockEnd(n: i32, d: usize, e: usize, l: i32, floor: f64, squares: i32): i32 {
  let m = l;
  for (; m < n - 1; m++) {
    const entry = load<f64>(at(e, m));
    const square = squares ? entry : entry * entry;
    const neighbors = Math.abs(load<f64>(at(d, m))) * Math.abs(load<f64>(at(d, m + 1)));
    if (square <= ROUNDOFF * ROUNDOFF * neighbors + floor) break;
  }
  return m;
}

/** One iteration on rows l to m with Wilkinson's shift, e squared (Pal, Walker & Kahan). */
export function squareRootFreeSweep(d: usize, e: usize, l: i32, m: i32): void {
  const first = load<f64>(at(d, l));
  const root = Math.sqrt(load<f64>(at(e, l)));
  let sigma = (load<f64>(at(d, l + 1)) - first) / (2 * root);
  const length = hypotenuse(sigma);
  sigma = first - root / (sigma + (sigma < 0 ? -length : length));
  let c: f64 = 1;
  let s: f64 = 0;
  let gamma = load<f64>(at(d, m)) - sigma;
  let p = gamma * gamma;
  for (let i = m - 1; i >= l; i--) {
    const square = load<f64>(at(e, i));
    const r = p + square;
    if (i != m - 1) store<f64>(at(e, i + 1), s * r);
    const before = c;
    c = p / r;
    s = square / r;
    const last = gamma;
    const entry = load<f64>(at(d, i));
    gamma = c * (entry - sigma) - s * last;
    store<f64>(at(d, i + 1), last + (entry - gamma));
    p = c != 0 ? (gamma * gamma) / c : before * square;
  }
  store<f64>(at(e, l), s * p);
  store<f64>(at(d, l), sigma + gamma);
}

/**
 * The eigenvalues of a symmetric tridiagonal matrix, unordered (DSTERF). Entries are near 1 or less.
 *
 * @param d n numbers: the diagonal, overwritten with the eigenvalues
 * @param e n numbers: the off-diagonal, of which n - 1 are read; destroyed
 * @returns 0, or 1 where it does not converge
 */
export function tridiagonalValues(n: i32, d: usize, e: usize): i32 {
  const whole = size(n, d, e);
  for (let i = 0; i < n - 1; i++) store<f64>(at(e, i), load<f64>(at(e, i)) * load<f64>(at(e, i)));
  let l = 0;
  let turned = -1;
  for (let sweep = 0; l < n; ) {
    const floor = sweep < PATIENCE ? NEGLIGIBLE : ROUNDOFF * ROUNDOFF * whole * whole;
    const m = blockEnd(n, d, e, l, floor, 1);
    if (m == l) {
      if (l < n - 1) store<f64>(at(e, l), 0);
      l++;
      sweep = 0;
      continue;
    }
    if (sweep == MOST) return 1;
    // small entries belong where eigenvalues come out first
    if (m != turned && Math.abs(load<f64>(at(d, m))) < Math.abs(load<f64>(at(d, l)))) {
      reverse(d, l, m);
      reverse(e, l, m - 1);
    }
    turned = m;
    squareRootFreeSweep(d, e, l, m);
    sweep++;
  }
  return 0;
}

/** One implicit iteration on rows l to m with Wilkinson's shift, which rotates rows of z along. */
function implicitSweep(d: usize, e: usize, l: i32, m: i32, width: i32, z: usize, row: usize): void {
  const first = load<f64>(at(e, l));
  let g = (load<f64>(at(d, l + 1)) - load<f64>(at(d, l))) / (2 * first);
  const root = hypotenuse(g);
  g = load<f64>(at(d, m)) - load<f64>(at(d, l)) + first / (g + (g < 0 ? -root : root));
  let s: f64 = 1;
  let c: f64 = 1;
  let p: f64 = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * load<f64>(at(e, i));
    const b = c * load<f64>(at(e, i));
    const large = Math.max(Math.abs(f), Math.abs(g));
    if (large == 0) {
      // the rotation is arbitrary; the matrix splits here
      store<f64>(at(e, i + 1), 0);
      store<f64>(at(d, i + 1), load<f64>(at(d, i + 1)) - p);
      store<f64>(at(e, m), 0);
      return;
    }
    let r = Math.sqrt(f * f + g * g);
    if (!(r > 1e-140)) {
      const ratio = Math.min(Math.abs(f), Math.abs(g)) / large;
      r = large * Math.sqrt(1 + ratio * ratio);
    }
    if (i != m - 1) store<f64>(at(e, i + 1), r);
    s = f / r;
    c = g / r;
    g = load<f64>(at(d, i + 1)) - p;
    const t = (load<f64>(at(d, i)) - g) * s + 2 * c * b;
    p = s * t;
    store<f64>(at(d, i + 1), g + p);
    g = c * t - b;
    rotate(width, z + <usize>i * row, z + <usize>(i + 1) * row, c, -s);
  }
  store<f64>(at(d, l), load<f64>(at(d, l)) - p);
  store<f64>(at(e, l), g);
}

/**
 * The eigenvalues of a symmetric tridiagonal matrix, unordered, with components of their vectors (DSTEQR): rows of z,
 * where those of the identity or some of its columns stand at first, end as the vectors' components.
 *
 * @param d n numbers: the diagonal, overwritten with the eigenvalues
 * @param e n numbers: the off-diagonal, of which n - 1 are read; destroyed
 * @param width columns of z
 * @returns 0, or 1 where it does not converge
 */
export function tridiagonalVectors(n: i32, d: usize, e: usize, width: i32, z: usize, row: usize): i32 {
  const whole = size(n, d, e);
  let l = 0;
  let turned = -1;
  for (let sweep = 0; l < n; ) {
    const floor = sweep < PATIENCE ? 0 : ROUNDOFF * ROUNDOFF * whole * whole;
    const m = blockEnd(n, d, e, l, floor, 0);
    if (m == l) {
      l++;
      sweep = 0;
      continue;
    }
    if (sweep == MOST) return 1;
    if (m != turned && Math.abs(load<f64>(at(d, m))) < Math.abs(load<f64>(at(d, l)))) {
      reverse(d, l, m);
      reverse(e, l, m - 1);
      for (let i = l, j = m; i < j; i++, j--) exchangeRows(width, z + <usize>i * row, z + <usize>j * row);
    }
    turned = m;
    implicitSweep(d, e, l, m, width, z, row);
    sweep++;
  }
  return 0;
}
