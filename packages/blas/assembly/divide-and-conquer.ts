// Eigenvectors of a symmetric tridiagonal matrix: halves that differ from the whole by a matrix of rank one.
// Sources: Cuppen 1981, "A divide and conquer method for the symmetric tridiagonal eigenproblem"; LAPACK's DSTEDC.
// Vectors are rows here, so that rotations, exchanges and products run along memory.
import { gemm, gemmWorkspace } from "./gemm";
import { rotate, scale } from "./level1";
import { secularVectors } from "./secular";
import { tridiagonalVectors } from "./tridiagonal-ql";

const ROUNDOFF: f64 = 1.1102230246251565e-16;
/** Rows up to which a part is left to QL iterations. */
const LEAF: i32 = 32;

/** Columns where a vector of a half can differ from 0. */
const UPPER_HALF: i32 = 0;
const BOTH: i32 = 1;
const LOWER_HALF: i32 = 2;

@inline
function at(x: usize, i: i32): usize {
  return x + (<usize>i << 3);
}

@inline
function index(x: usize, i: i32): usize {
  return x + (<usize>i << 2);
}

/** Bytes of workspace of `divideAndConquer`. */
export function divideWorkspace(n: i32): usize {
  const squares = (<usize>n * <usize>n) << 4;
  const vectors = <usize>n << 6;
  return squares + vectors + 64 + gemmWorkspace(n, n, n);
}

/** Merges the ascending orders of the first n1 and the other n - n1 numbers of d. */
function mergeOrders(n: i32, n1: i32, d: usize, first: usize, second: usize, shift: i32, to: usize): void {
  let i = 0;
  let j = n1;
  for (let k = 0; k < n; k++) {
    const a = i < n1 ? load<i32>(index(first, i)) : -1;
    const b = j < n ? load<i32>(index(second, j)) + shift : -1;
    const takesFirst = b < 0 || (a >= 0 && load<f64>(at(d, a)) <= load<f64>(at(d, b)));
    store<i32>(index(to, k), takesFirst ? a : b);
    if (takesFirst) i++;
    else j++;
  }
}

/** Puts row j before those of the list whose values are larger. */
function insertSorted(count: i32, list: usize, d: usize, j: i32): void {
  const value = load<f64>(at(d, j));
  let i = count;
  for (; i > 0; i--) {
    const other = load<i32>(index(list, i - 1));
    if (!(load<f64>(at(d, other)) > value)) break;
    store<i32>(index(list, i), other);
  }
  store<i32>(index(list, i), j);
}

/**
 * Joins the eigenvectors of two halves.
 *
 * @param d eigenvalues of the halves, overwritten with those of the whole
 * @param z n x n: vectors of the halves as rows, zeros beside
 * @param rho the entry of the off-diagonal between the halves
 * @param order i32 numbers: ascending orders of d in either half, overwritten with that of the whole
 */
function mergeHalves(
  n: i32, n1: i32, d: usize, z: usize, row: usize, rho: f64, order: usize, work: usize,
): void {
  const n2 = n - n1;
  const halves = (<usize>n * <usize>n) << 3;
  const s = work;
  const old = s + halves;
  const ends = old + halves;
  const poles = at(ends, n);
  const weights = at(poles, n);
  const roots = at(weights, n);
  const kept = at(roots, n);
  const gone = index(kept, n);
  const merged = index(gone, n);
  const kinds = index(merged, n);
  const small = at(kept, 2 * n);
  const products = at(small, n) + 32;

  // ends: the last components of the vectors above the cut, the first of those below
  const sign: f64 = rho < 0 ? -1 : 1;
  let largest: f64 = 0;
  let largestEnd: f64 = 0;
  for (let i = 0; i < n; i++) {
    const above = i < n1;
    const end = load<f64>(at(z + <usize>i * row, above ? n1 - 1 : n1)) * Math.SQRT1_2 * (above ? 1 : sign);
    store<f64>(at(ends, i), end);
    store<i32>(index(kinds, i), above ? UPPER_HALF : LOWER_HALF);
    largestEnd = Math.max(largestEnd, Math.abs(end));
    largest = Math.max(largest, Math.abs(load<f64>(at(d, i))));
  }
  const strength = 2 * Math.abs(rho);
  mergeOrders(n, n1, d, order, order, n1, merged);
  const tolerance = 8 * ROUNDOFF * Math.max(largest, largestEnd);
  if (strength * largestEnd <= tolerance) {
    memory.copy(order, merged, <usize>n << 2);
    return;
  }

  // Deflation: a weight that counts as 0 leaves its pair as it is; of two poles that count as equal, a rotation makes
  // one weight 0.
  let k = 0;
  let deflated = 0;
  let last = -1;
  for (let t = 0; t < n; t++) {
    const j = load<i32>(index(merged, t));
    if (strength * Math.abs(load<f64>(at(ends, j))) <= tolerance) {
      insertSorted(deflated++, gone, d, j);
      continue;
    }
    if (last >= 0) {
      const a = load<f64>(at(ends, last));
      const b = load<f64>(at(ends, j));
      const length = Math.sqrt(a * a + b * b);
      const c = b / length;
      const sine = -a / length;
      const from = load<f64>(at(d, last));
      const to = load<f64>(at(d, j));
      if (Math.abs((to - from) * c * sine) <= tolerance) {
        store<f64>(at(ends, j), length);
        if (load<i32>(index(kinds, last)) != load<i32>(index(kinds, j))) store<i32>(index(kinds, j), BOTH);
        rotate(n, z + <usize>last * row, z + <usize>j * row, c, sine);
        store<f64>(at(d, j), from * sine * sine + to * c * c);
        store<f64>(at(d, last), from * c * c + to * sine * sine);
        insertSorted(deflated++, gone, d, last);
      } else store<i32>(index(kept, k++), last);
    }
    last = j;
  }
  store<i32>(index(kept, k++), last);

  // Vectors by the columns they have, then those that stay
  let upper = 0;
  let both = 0;
  let squares: f64 = 0;
  for (let t = 0; t < k; t++) {
    const j = load<i32>(index(kept, t));
    const kind = load<i32>(index(kinds, j));
    if (kind == UPPER_HALF) upper++;
    else if (kind == BOTH) both++;
    const weight = load<f64>(at(ends, j));
    store<f64>(at(poles, t), load<f64>(at(d, j)));
    store<f64>(at(weights, t), weight);
    squares += weight * weight;
  }
  const above = upper + both;
  const below = k - upper;
  const left = <usize>n1 << 3;
  const right = <usize>n2 << 3;
  const oldBelow = old + <usize>above * left;
  const oldGone = oldBelow + <usize>below * right;
  let nextUpper = 0;
  let nextBoth = upper;
  let nextLower = above;
  for (let t = 0; t < k; t++) {
    const j = load<i32>(index(kept, t));
    const kind = load<i32>(index(kinds, j));
    const line = z + <usize>j * row;
    const place = kind == UPPER_HALF ? nextUpper++ : kind == BOTH ? nextBoth++ : nextLower++;
    store<i32>(index(kept, t), place);
    if (kind != LOWER_HALF) memory.copy(old + <usize>place * left, line, left);
    if (kind != UPPER_HALF) memory.copy(oldBelow + <usize>(place - upper) * right, line + left, right);
  }
  for (let t = 0; t < deflated; t++) {
    const j = load<i32>(index(gone, t));
    memory.copy(oldGone + <usize>t * <usize>n * 8, z + <usize>j * row, <usize>n << 3);
    store<f64>(at(roots, k + t), load<f64>(at(d, j)));
  }

  if (k == 1) {
    const weight = load<f64>(weights);
    store<f64>(roots, load<f64>(poles) + strength * weight * weight);
    store<f64>(s, 1);
  } else {
    scale(k, 1 / Math.sqrt(squares), weights);
    secularVectors(k, poles, weights, strength * squares, kept, roots, s, small);
  }

  const side = <usize>k << 3;
  gemm(k, n1, above, 1, s, side, 8, old, left, 8, 0, z, row, 0, products);
  gemm(k, n2, below, 1, s + (<usize>upper << 3), side, 8, oldBelow, right, 8, 0, z + left, row, 0, products);
  for (let t = 0; t < deflated; t++)
    memory.copy(z + <usize>(k + t) * row, oldGone + <usize>t * <usize>n * 8, <usize>n << 3);
  memory.copy(d, roots, <usize>n << 3);
  for (let t = 0; t < n; t++) store<i32>(index(merged, t), t);
  mergeOrders(n, k, d, merged, merged, 0, order);
}

/**
 * The eigenvalues and vectors of a symmetric tridiagonal matrix (DSTEDC). Entries are near 1 or less.
 *
 * @param d n numbers: the diagonal, overwritten with the eigenvalues
 * @param e n numbers: the off-diagonal, of which n - 1 are read; destroyed
 * @param z n x n: the identity on entry; row i ends as the unit vector of eigenvalue i
 * @param order i32 numbers: gets the ascending order of d
 * @returns 0, or 1 where it does not converge
 */
export function divideAndConquer(
  n: i32, d: usize, e: usize, z: usize, row: usize, order: usize, work: usize,
): i32 {
  if (n <= LEAF) {
    if (tridiagonalVectors(n, d, e, n, z, row)) return 1;
    for (let i = 0; i < n; i++) insertSorted(i, order, d, i);
    return 0;
  }
  const n1 = n / 2;
  const rho = load<f64>(at(e, n1 - 1));
  const size = Math.abs(rho);
  store<f64>(at(d, n1 - 1), load<f64>(at(d, n1 - 1)) - size);
  store<f64>(at(d, n1), load<f64>(at(d, n1)) - size);
  if (divideAndConquer(n1, d, e, z, row, order, work)) return 1;
  const below = at(z + <usize>n1 * row, n1);
  if (divideAndConquer(n - n1, at(d, n1), at(e, n1), below, row, index(order, n1), work)) return 1;
  mergeHalves(n, n1, d, z, row, rho, order, work);
  return 0;
}
