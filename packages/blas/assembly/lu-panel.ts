// LU factors of a few columns, kept one after the other, so that vectors run down them: four columns at a time, which the
// columns to their right take in one pass.
import { axpy, divide } from "./level1";
import { addFourRows } from "./matrix-vector";
import { abs as absolute, firstLane, LANES, larger, lastLane, loadVector, WIDTH, zero } from "./simd";

/** Columns that are eliminated together. */
const BLOCK: i32 = 4;

/** Entries of which the largest is found in vectors. */
const RUN: i32 = 32;

/** Bytes from a column to the next: a cache line more than a column, since powers of two would share few sets of a cache. */
@inline
function columnBytes(m: i32): usize {
  return (<usize>m << 3) + 64;
}

/** Bytes of a transposed copy of n columns of m numbers. */
export function panelBytes(m: i32, n: i32): usize {
  return <usize>n * columnBytes(m);
}

/** Copies m x n to columns one after the other, or back. */
export function transpose(m: i32, n: i32, a: usize, row: usize, panel: usize, back: i32): void {
  const step = columnBytes(m);
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let entry = a;
    let column = panel;
    const end = a + (<usize>n << 3);
    const a1 = row;
    const a2 = row * 2;
    const a3 = row * 3;
    for (; entry < end; entry += 8) {
      if (back) {
        store<f64>(entry, load<f64>(column));
        store<f64>(entry + a1, load<f64>(column, 8));
        store<f64>(entry + a2, load<f64>(column, 16));
        store<f64>(entry + a3, load<f64>(column, 24));
      } else {
        store<f64>(column, load<f64>(entry));
        store<f64>(column, load<f64>(entry + a1), 8);
        store<f64>(column, load<f64>(entry + a2), 16);
        store<f64>(column, load<f64>(entry + a3), 24);
      }
      column += step;
    }
    a += row * 4;
    panel += 32;
  }
  for (; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const entry = a + (<usize>j << 3);
      const copy = panel + <usize>j * step;
      if (back) store<f64>(entry, load<f64>(copy));
      else store<f64>(copy, load<f64>(entry));
    }
    a += row;
    panel += 8;
  }
}

/** The largest number of a vector in absolute value; NaN where one is. */
export function largestAbsolute(n: i32, x: usize): f64 {
  const end = x + (<usize>n << 3);
  const whole = x + (<usize>(n - (n % LANES)) << 3);
  let found = zero();
  for (; x < whole; x += WIDTH) found = larger(found, absolute(loadVector(x)));
  let result = max<f64>(firstLane(found), lastLane(found));
  for (; x < end; x += 8) result = max<f64>(result, abs<f64>(load<f64>(x)));
  return result;
}

/** The index, from `from` on, of the largest entry of a column in absolute value; the first of equals; `from` if it is NaN. */
export function largest(from: i32, to: i32, column: usize): i32 {
  let run = from;
  let size: f64 = 0;
  for (let i = from; i < to; i += RUN) {
    const found = largestAbsolute(min(RUN, to - i), column + (<usize>i << 3));
    if (found != found) return largestNumber(from, to, column);
    if (found > size) {
      size = found;
      run = i;
    }
  }
  return largestNumber(run, min(to, run + RUN), column);
}

function largestNumber(from: i32, to: i32, column: usize): i32 {
  let best = from;
  let most = abs(load<f64>(column + (<usize>from << 3)));
  for (let i = from + 1; i < to; i++) {
    const entry = abs(load<f64>(column + (<usize>i << 3)));
    if (entry > most) {
      most = entry;
      best = i;
    }
  }
  return best;
}

/** Brings rows j and `other` of all columns into each other's place. */
function exchange(n: i32, j: i32, other: i32, panel: usize, step: usize): void {
  let x = panel + (<usize>j << 3);
  let y = panel + (<usize>other << 3);
  for (let k = 0; k < n; k++) {
    const value = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, value);
    x += step;
    y += step;
  }
}

/** Subtracts from a column its products with the four columns of L that begin at row and column `at`, the first one given. */
@inline
function eliminateFour(m: i32, at: i32, l: usize, step: usize, column: usize): void {
  const l1 = l + step;
  const l2 = l1 + step;
  const top = column + (<usize>at << 3);
  const u0 = load<f64>(top);
  const u1 = load<f64>(top, 8) - load<f64>(l, 8) * u0;
  const u2 = load<f64>(top, 16) - load<f64>(l, 16) * u0 - load<f64>(l1, 16) * u1;
  const u3 = load<f64>(top, 24) - load<f64>(l, 24) * u0 - load<f64>(l1, 24) * u1 - load<f64>(l2, 24) * u2;
  store<f64>(top, u1, 8);
  store<f64>(top, u2, 16);
  store<f64>(top, u3, 24);
  addFourRows(m - at - 4, -u0, -u1, -u2, -u3, l + 32, step, top + 32);
}

/**
 * P A = L U  of m x n, columns `columnBytes` apart; pivots[j] is the row exchanged with row j.
 *
 * @returns the first zero pivot, or -1
 */
export function factorizePanel(m: i32, n: i32, panel: usize, pivots: usize): i32 {
  const step = columnBytes(m);
  const steps = min(m, n);
  let singular = -1;
  for (let at = 0; at < steps; at += BLOCK) {
    const whole = at + BLOCK <= steps;
    const next = whole ? at + BLOCK : n;
    const end = min(at + BLOCK, steps);
    for (let j = at; j < end; j++) {
      const column = panel + <usize>j * step;
      const best = largest(j, m, column);
      store<i32>(pivots + (<usize>j << 2), best);
      if (best != j) exchange(n, j, best, panel, step);
      const corner = column + (<usize>j << 3);
      const pivot = load<f64>(corner);
      const below = m - j - 1;
      if (!(abs(pivot) > 0)) {
        if (singular < 0) singular = j;
        continue;
      }
      divide(below, pivot, corner + 8);
      for (let k = j + 1; k < next; k++) {
        const other = panel + <usize>k * step + (<usize>j << 3);
        axpy(below, -load<f64>(other), corner + 8, other + 8);
      }
    }
    if (!whole) break;
    const l = panel + <usize>at * step + (<usize>at << 3);
    for (let k = next; k < n; k++) eliminateFour(m, at, l, step, panel + <usize>k * step);
  }
  return singular;
}
