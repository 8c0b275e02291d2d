// Singular values of an upper bidiagonal matrix by implicit QR steps, with shifts and, for small values, without.
// Source: Demmel & Kahan 1990, "Accurate singular values of bidiagonal matrices".
import { length2, numberAt, setNumber } from "./householder";
import { rotate } from "./level1";

const EPSILON: f64 = 1.1102230246251565e-16;
const LEAST: f64 = 2.2250738585072014e-308;
/** Singular values are right to this share of themselves, times a modest factor. */
const TOLERANCE: f64 = 98.7 * EPSILON;

/** The length, with the sign of f, to which the rotation with cosine f / length and sine g / length takes (f, g). */
@inline
function rotationLength(f: f64, g: f64): f64 {
  if (g == 0) return f;
  const squares = f * f + g * g;
  const length = squares > 1e-280 && squares < 1e300 ? Math.sqrt(squares) : length2(f, g);
  return copysign<f64>(length, f);
}

@inline
function part(x: f64, length: f64, otherwise: f64): f64 {
  return length == 0 ? otherwise : x / length;
}

/** The smaller singular value of (f g; 0 h) (DLAS2). */
function smallerOfTwo(f: f64, g: f64, h: f64): f64 {
  const fa = Math.abs(f);
  const ga = Math.abs(g);
  const ha = Math.abs(h);
  const small = min(fa, ha);
  const large = max(fa, ha);
  if (small == 0) return 0;
  const as = 1 + small / large;
  const at = (large - small) / large;
  if (ga < large) {
    const au = (ga / large) * (ga / large);
    return small * (2 / (Math.sqrt(as * as + au) + Math.sqrt(at * at + au)));
  }
  const au = large / ga;
  if (au == 0) return (small * large) / ga;
  return 2 * (small * (1 / (Math.sqrt(1 + as * au * (as * au)) + Math.sqrt(1 + at * au * (at * au))))) * au;
}

/** Rows of U^T and V^T that rotate with the bidiagonal matrix. */
@inline
function rotateRows(count: i32, x: usize, row: usize, i: i32, c: f64, s: f64): void {
  if (count > 0) rotate(count, x + <usize>i * row, x + <usize>(i + 1) * row, c, s);
}

/**
 * Singular values, descending, in the place of d (DBDSQR); e is overwritten.
 *
 * @param u U^T by rows of uCount numbers, multiplied from the left; not read where uCount is 0
 * @param v V^T, the same
 * @returns 0, or 1 where it does not converge
 */
export function bdsqr(n: i32, d: usize, e: usize, uCount: i32, u: usize, uRow: usize, vCount: i32, v: usize, vRow: usize): i32 {
  let failed = 0;
  if (n > 1) failed = iterate(n, d, e, uCount, u, uRow, vCount, v, vRow);
  for (let i = 0; i < n; i++)
    if (numberAt(d, i) < 0 || 1 / numberAt(d, i) < 0) {
      setNumber(d, i, -numberAt(d, i));
      const row = v + <usize>i * vRow;
      for (let j = 0; j < vCount; j++) setNumber(row, j, -numberAt(row, j));
    }
  for (let i = 1; i < n; i++)
    for (let j = i; j > 0 && numberAt(d, j) > numberAt(d, j - 1); j--) {
      const value = numberAt(d, j);
      setNumber(d, j, numberAt(d, j - 1));
      setNumber(d, j - 1, value);
      rotateRows(uCount, u, uRow, j - 1, 0, 1);
      rotateRows(vCount, v, vRow, j - 1, 0, 1);
      // a rotation by a right angle exchanges the rows and turns one around: so in both, whose signs cancel
    }
  return failed;
}

function iterate(n: i32, d: usize, e: usize, uCount: i32, u: usize, uRow: usize, vCount: i32, v: usize, vRow: usize): i32 {
  let smallest = Math.abs(numberAt(d, 0));
  let bound = smallest;
  for (let i = 1; i < n && smallest > 0; i++) {
    bound = Math.abs(numberAt(d, i)) * (bound / (bound + Math.abs(numberAt(e, i - 1))));
    smallest = min(smallest, bound);
  }
  const threshold = max((TOLERANCE * smallest) / Math.sqrt(<f64>n), 6 * <f64>n * <f64>n * LEAST);
  let last = n - 1;
  let lastFirst = -1;
  let lastLast = -1;
  let downwards = true;
  let left: f64 = 6 * <f64>n * <f64>n;
  while (last > 0) {
    if (left <= 0) return 1;
    // the unreduced block first .. last that ends here
    let first = last;
    let largest = Math.abs(numberAt(d, last));
    while (first > 0) {
      const beside = Math.abs(numberAt(e, first - 1));
      if (beside <= threshold) {
        setNumber(e, first - 1, 0);
        break;
      }
      first--;
      largest = max(largest, max(beside, Math.abs(numberAt(d, first))));
    }
    if (first == last) {
      last--;
      continue;
    }
    // a block that the one before does not overlap: from the larger end to the smaller
    if (first > lastLast || last < lastFirst) downwards = Math.abs(numberAt(d, first)) >= Math.abs(numberAt(d, last));
    const start = downwards ? first : last;
    const end = downwards ? last : first;
    const beforeEnd = downwards ? last - 1 : first;
    if (Math.abs(numberAt(e, beforeEnd)) <= TOLERANCE * Math.abs(numberAt(d, end))) {
      setNumber(e, beforeEnd, 0);
      continue;
    }
    let reach = Math.abs(numberAt(d, start));
    let least = reach;
    let split = false;
    for (let step = 0; step < last - first; step++) {
      const i = downwards ? first + step : last - 1 - step;
      const beside = Math.abs(numberAt(e, i));
      if (beside <= TOLERANCE * reach) {
        setNumber(e, i, 0);
        split = true;
        break;
      }
      reach = Math.abs(numberAt(d, downwards ? i + 1 : i)) * (reach / (reach + beside));
      least = min(least, reach);
    }
    if (split) continue;
    lastFirst = first;
    lastLast = last;
    let shift: f64 = 0;
    if (<f64>n * TOLERANCE * (least / largest) > max(EPSILON, 0.01 * TOLERANCE)) {
      const i = downwards ? last - 1 : first;
      shift = smallerOfTwo(numberAt(d, i), numberAt(e, i), numberAt(d, i + 1));
      const ratio = shift / Math.abs(numberAt(d, start));
      if (ratio * ratio < EPSILON) shift = 0;
    }
    left -= <f64>(last - first);
    if (shift == 0) {
      if (downwards) stepDownUnshifted(first, last, d, e, uCount, u, uRow, vCount, v, vRow);
      else stepUpUnshifted(first, last, d, e, uCount, u, uRow, vCount, v, vRow);
    } else if (downwards) stepDown(first, last, shift, d, e, uCount, u, uRow, vCount, v, vRow);
    else stepUp(first, last, shift, d, e, uCount, u, uRow, vCount, v, vRow);
    const at = downwards ? last - 1 : first;
    if (Math.abs(numberAt(e, at)) <= threshold) setNumber(e, at, 0);
  }
  return 0;
}

function stepDownUnshifted(
  first: i32, last: i32, d: usize, e: usize, uCount: i32, u: usize, uRow: usize, vCount: i32, v: usize, vRow: usize,
): void {
  let c: f64 = 1;
  let oldC: f64 = 1;
  let oldS: f64 = 0;
  for (let i = first; i < last; i++) {
    const f = numberAt(d, i) * c;
    const length = rotationLength(f, numberAt(e, i));
    c = part(f, length, 1);
    const s = part(numberAt(e, i), length, 0);
    if (i > first) setNumber(e, i - 1, oldS * length);
    const g = numberAt(d, i + 1) * s;
    const value = rotationLength(oldC * length, g);
    oldC = part(oldC * length, value, 1);
    oldS = part(g, value, 0);
    setNumber(d, i, value);
    rotateRows(vCount, v, vRow, i, c, s);
    rotateRows(uCount, u, uRow, i, oldC, oldS);
  }
  const h = numberAt(d, last) * c;
  setNumber(d, last, h * oldC);
  setNumber(e, last - 1, h * oldS);
}

function stepUpUnshifted(
  first: i32, last: i32, d: usize, e: usize, uCount: i32, u: usize, uRow: usize, vCount: i32, v: usize, vRow: usize,
): void {
  let c: f64 = 1;
  let oldC: f64 = 1;
  let oldS: f64 = 0;
  for (let i = last; i > first; i--) {
    const f = numberAt(d, i) * c;
    const length = rotationLength(f, numberAt(e, i - 1));
    c = part(f, length, 1);
    const s = part(numberAt(e, i - 1), length, 0);
    if (i < last) setNumber(e, i, oldS * length);
    const g = numberAt(d, i - 1) * s;
    const value = rotationLength(oldC * length, g);
    oldC = part(oldC * length, value, 1);
    oldS = part(g, value, 0);
    setNumber(d, i, value);
    rotateRows(uCount, u, uRow, i - 1, c, -s);
    rotateRows(vCount, v, vRow, i - 1, oldC, -oldS);
  }
  const h = numberAt(d, first) * c;
  setNumber(d, first, h * oldC);
  setNumber(e, first, h * oldS);
}

function stepDown(
  first: i32, last: i32, shift: f64, d: usize, e: usize, uCount: i32, u: usize, uRow: usize, vCount: i32, v: usize,
  vRow: usize,
): void {
  const head = numberAt(d, first);
  let f = (Math.abs(head) - shift) * (copysign<f64>(1, head) + shift / head);
  let g = numberAt(e, first);
  for (let i = first; i < last; i++) {
    let length = rotationLength(f, g);
    let c = part(f, length, 1);
    let s = part(g, length, 0);
    if (i > first) setNumber(e, i - 1, length);
    const di = numberAt(d, i);
    const ei = numberAt(e, i);
    const next = numberAt(d, i + 1);
    rotateRows(vCount, v, vRow, i, c, s);
    f = c * di + s * ei;
    const beside = c * ei - s * di;
    g = s * next;
    const below = c * next;
    length = rotationLength(f, g);
    c = part(f, length, 1);
    s = part(g, length, 0);
    rotateRows(uCount, u, uRow, i, c, s);
    setNumber(d, i, length);
    f = c * beside + s * below;
    setNumber(d, i + 1, c * below - s * beside);
    if (i < last - 1) {
      g = s * numberAt(e, i + 1);
      setNumber(e, i + 1, c * numberAt(e, i + 1));
    }
  }
  setNumber(e, last - 1, f);
}

function stepUp(
  first: i32, last: i32, shift: f64, d: usize, e: usize, uCount: i32, u: usize, uRow: usize, vCount: i32, v: usize,
  vRow: usize,
): void {
  const head = numberAt(d, last);
  let f = (Math.abs(head) - shift) * (copysign<f64>(1, head) + shift / head);
  let g = numberAt(e, last - 1);
  for (let i = last; i > first; i--) {
    let length = rotationLength(f, g);
    let c = part(f, length, 1);
    let s = part(g, length, 0);
    if (i < last) setNumber(e, i, length);
    const di = numberAt(d, i);
    const ei = numberAt(e, i - 1);
    const next = numberAt(d, i - 1);
    rotateRows(uCount, u, uRow, i - 1, c, -s);
    f = c * di + s * ei;
    const beside = c * ei - s * di;
    g = s * next;
    const above = c * next;
    length = rotationLength(f, g);
    c = part(f, length, 1);
    s = part(g, length, 0);
    rotateRows(vCount, v, vRow, i - 1, c, -s);
    setNumber(d, i, length);
    f = c * beside + s * above;
    setNumber(d, i - 1, c * above - s * beside);
    if (i > first + 1) {
      g = s * numberAt(e, i - 2);
      setNumber(e, i - 2, c * numberAt(e, i - 2));
    }
  }
  setNumber(e, first, f);
}

/** The identity, by rows. */
export function setIdentity(n: i32, x: usize, row: usize): void {
  for (let i = 0; i < n; i++) {
    memory.fill(x, 0, <usize>n << 3);
    setNumber(x, i, 1);
    x += row;
  }
}

/**
 * The singular value decomposition of an upper bidiagonal n x (n + extra), extra 0 or 1 (DLASDQ). The last row of V^T
 * spans what the matrix takes to 0 where extra is 1.
 *
 * @param e n - 1 + extra numbers
 * @param u U^T, n x n
 * @param v V^T, (n + extra) x (n + extra)
 */
export function smallSvd(n: i32, extra: i32, d: usize, e: usize, u: usize, uRow: usize, v: usize, vRow: usize): i32 {
  setIdentity(n, u, uRow);
  setIdentity(n + extra, v, vRow);
  if (extra == 1) {
    // away with the last column: the matrix turns lower bidiagonal, then upper again
    for (let i = 0; i < n; i++) {
      const length = rotationLength(numberAt(d, i), numberAt(e, i));
      const c = part(numberAt(d, i), length, 1);
      const s = part(numberAt(e, i), length, 0);
      rotateRows(n + 1, v, vRow, i, c, s);
      setNumber(d, i, length);
      if (i + 1 == n) break;
      setNumber(e, i, s * numberAt(d, i + 1));
      setNumber(d, i + 1, c * numberAt(d, i + 1));
    }
    for (let i = 0; i + 1 < n; i++) {
      const length = rotationLength(numberAt(d, i), numberAt(e, i));
      const c = part(numberAt(d, i), length, 1);
      const s = part(numberAt(e, i), length, 0);
      rotateRows(n, u, uRow, i, c, s);
      setNumber(d, i, length);
      setNumber(e, i, s * numberAt(d, i + 1));
      setNumber(d, i + 1, c * numberAt(d, i + 1));
    }
  }
  return bdsqr(n, d, e, n, u, uRow, n + extra, v, vRow);
}
