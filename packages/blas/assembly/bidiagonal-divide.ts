// The singular value decomposition of an upper bidiagonal matrix by divide and conquer.
// Source: Gu & Eisenstat 1995, "A divide-and-conquer algorithm for the bidiagonal SVD".
import { smallSvd } from "./bidiagonal-qr";
import { adjustWeights, EPSILON, secularRoot } from "./bidiagonal-secular";
import { ALL, gemm, gemmWorkspace } from "./gemm";
import { length2, numberAt, setNumber } from "./householder";
import { rotate } from "./level1";

/** Orders up to this one are left to QR steps. */
const SMALL: i32 = 24;
const LEAST: f64 = 2.2250738585072014e-308;
/** The exponent's bits of a number. */
const EXPONENT: u64 = 0x7ff0000000000000;

/** Where rows of U^T and V^T come from: they are zero beside the left part, beside the right part, or nowhere. */
const LEFT: i32 = 0;
const BOTH: i32 = 1;
const RIGHT: i32 = 2;

@inline
function integerAt(x: usize, i: i32): i32 {
  return load<i32>(x + (<usize>i << 2));
}

@inline
function setInteger(x: usize, i: i32, value: i32): void {
  store<i32>(x + (<usize>i << 2), value);
}

/** Vectors of workspace beside three matrices: of numbers, and of integers. */
const NUMBERS: usize = 8;
const INTEGERS: usize = 6;

/** Bytes of workspace for `bdsdc`. */
export function bdsdcWorkspace(n: i32): usize {
  const order = <usize>(n + 1);
  return ((3 * order + NUMBERS) * order + 4) * 8 + INTEGERS * order * 4 + 64 + gemmWorkspace(n + 1, n + 1, n + 1);
}

/**
 * B = U diag(s) V^T of an upper bidiagonal n x (n + extra), extra 0 or 1: s, descending, in the place of d (DBDSDC).
 * Numbers must not be so large that their squares overflow.
 *
 * @param e n - 1 + extra numbers, overwritten
 * @param u U^T, n x n
 * @param v V^T, (n + extra) x (n + extra); the last row spans what B takes to 0 where extra is 1
 * @param work `bdsdcWorkspace(n)` bytes
 * @returns 0, or 1 where an iteration does not converge
 */
export function bdsdc(
  n: i32, extra: i32, d: usize, e: usize, u: usize, uRow: usize, v: usize, vRow: usize, work: usize,
): i32 {
  if (n <= SMALL) return smallSvd(n, extra, d, e, u, uRow, v, vRow);
  const left = n / 2;
  const right = n - left - 1;
  const alpha = numberAt(d, left);
  const beta = numberAt(e, left);
  const after = <usize>(left + 1);
  const skip = after << 3;
  let failed = bdsdc(left, 1, d, e, u, uRow, v, vRow, work);
  failed |= bdsdc(right, extra, d + skip, e + skip, u + after * uRow + skip, uRow, v + after * vRow + skip, vRow, work);
  return failed | merge(left, right, extra, d, alpha, beta, u, uRow, v, vRow, work);
}

/** Zeros beside the two blocks of a block diagonal matrix whose first has so many rows and columns. */
function clearBeside(order: i32, rows: i32, x: usize, row: usize): void {
  const before = <usize>rows << 3;
  for (let i = 0; i < order; i++) {
    if (i < rows) memory.fill(x + before, 0, (<usize>order << 3) - before);
    else memory.fill(x, 0, before);
    x += row;
  }
}

/** Joins the decompositions of the rows above row `left` and below it with that row, (0 .. alpha, beta .. 0). */
function merge(
  left: i32, right: i32, extra: i32, d: usize, alpha: f64, beta: f64, u: usize, uRow: usize, v: usize, vRow: usize,
  work: usize,
): i32 {
  const n = left + 1 + right;
  const order = n + extra;
  const bytes = <usize>order << 3;
  const square = <usize>order * bytes;
  const coefficients = work;
  const grouped = coefficients + square;
  const results = grouped + square;
  const candidates = results + square;
  const candidateZ = candidates + bytes;
  const poles = candidateZ + bytes;
  const z = poles + bytes;
  const squares = z + bytes;
  const roots = squares + bytes;
  const norms = roots + bytes;
  const line = norms + bytes;
  const sums = line + bytes;
  const rowOf = sums + 32;
  const step = <usize>order << 2;
  const kindOf = rowOf + step;
  const survivors = kindOf + step;
  const deflated = survivors + step;
  const position = deflated + step;
  const place = position + step;
  const products = (place + step + 63) & ~(<usize>63);

  // beside their blocks the rows are 0; row `left` of U^T stands for the joining row
  clearBeside(n, left + 1, u, uRow);
  for (let i = 0; i < left; i++) setNumber(u + <usize>i * uRow, left, 0);
  const middle = u + <usize>left * uRow;
  memory.fill(middle, 0, <usize>n << 3);
  setNumber(middle, left, 1);
  clearBeside(order, left + 1, v, vRow);

  let scale = max(Math.abs(alpha), Math.abs(beta));
  for (let i = 0; i < n; i++) if (i != left) scale = max(scale, numberAt(d, i));
  if (scale == 0) {
    setNumber(d, left, 0);
    return 0;
  }
  // a power of two, by which division rounds nothing
  scale = reinterpret<f64>(reinterpret<u64>(max(scale, LEAST)) & EXPONENT);
  const tolerance = 8 * EPSILON;
  const a = alpha / scale;
  const b = beta / scale;
  const column = <usize>left << 3;
  // candidate 0 is the joining row, the others the blocks' singular values, ascending
  const nullRow = v + <usize>left * vRow;
  let first = a * load<f64>(nullRow + column);
  setInteger(rowOf, 0, left);
  setInteger(kindOf, 0, LEFT);
  if (extra == 1) {
    const other = v + <usize>n * vRow;
    const second = b * load<f64>(other + column + 8);
    const length = length2(first, second);
    if (length > 0) rotate(order, nullRow, other, first / length, second / length);
    first = length;
    setInteger(kindOf, 0, BOTH);
  }
  setNumber(candidates, 0, 0);
  setNumber(candidateZ, 0, Math.abs(first) <= tolerance ? copysign<f64>(tolerance, first) : first);
  let p = left - 1;
  let q = n - 1;
  for (let j = 1; j < n; j++) {
    const fromLeft = q == left || (p >= 0 && numberAt(d, p) <= numberAt(d, q));
    const row = fromLeft ? p-- : q--;
    const entry = v + <usize>row * vRow + column;
    setNumber(candidates, j, numberAt(d, row) / scale);
    setNumber(candidateZ, j, fromLeft ? a * load<f64>(entry) : b * load<f64>(entry + 8));
    setInteger(rowOf, j, row);
    setInteger(kindOf, j, fromLeft ? LEFT : RIGHT);
  }

  // deflation: a small z leaves its singular value as it is; of two that are equal, one rotates away
  let count = 1;
  let dropped = 0;
  setInteger(survivors, 0, 0);
  let previous = -1;
  for (let j = 1; j < n; j++) {
    const zj = numberAt(candidateZ, j);
    if (Math.abs(zj) <= tolerance) {
      setInteger(deflated, dropped++, j);
      continue;
    }
    if (previous >= 0) {
      if (numberAt(candidates, j) - numberAt(candidates, previous) <= tolerance) {
        const zp = numberAt(candidateZ, previous);
        const length = length2(zj, zp);
        const one = integerAt(rowOf, j);
        const other = integerAt(rowOf, previous);
        rotate(n, u + <usize>one * uRow, u + <usize>other * uRow, zj / length, zp / length);
        rotate(order, v + <usize>one * vRow, v + <usize>other * vRow, zj / length, zp / length);
        setNumber(candidateZ, j, length);
        if (integerAt(kindOf, j) != integerAt(kindOf, previous)) setInteger(kindOf, j, BOTH);
        setInteger(deflated, dropped++, previous);
      } else setInteger(survivors, count++, previous);
    }
    previous = j;
  }
  if (previous >= 0) setInteger(survivors, count++, previous);

  let ofLeft = 0;
  let ofBoth = 0;
  let sum: f64 = 0;
  for (let k = 0; k < count; k++) {
    const j = integerAt(survivors, k);
    const zj = numberAt(candidateZ, j);
    setNumber(poles, k, numberAt(candidates, j));
    setNumber(z, k, zj);
    setNumber(squares, k, zj * zj);
    sum += zj * zj;
    if (integerAt(kindOf, j) == LEFT) ofLeft++;
    else if (integerAt(kindOf, j) == BOTH) ofBoth++;
  }
  if (count > 1 && numberAt(poles, 1) <= tolerance / 2) setNumber(poles, 1, tolerance / 2);
  let nextLeft = 0;
  let nextBoth = ofLeft;
  let nextRight = ofLeft + ofBoth;
  for (let k = 0; k < count; k++) {
    const kind = integerAt(kindOf, integerAt(survivors, k));
    setInteger(position, k, kind == LEFT ? nextLeft++ : kind == BOTH ? nextBoth++ : nextRight++);
  }

  let failed = 0;
  for (let i = 0; i < count; i++)
    failed |= secularRoot(i, count, poles, squares, sum, coefficients + <usize>i * bytes, roots, sums);
  // the z of which the computed roots are the exact ones: with it the vectors are orthogonal (Gu & Eisenstat)
  adjustWeights(count, poles, roots, coefficients, bytes, line);
  for (let j = 0; j < count; j++)
    setNumber(z, j, copysign<f64>(Math.sqrt(Math.abs(numberAt(line, j))), numberAt(z, j)));

  // values, descending, and the rows that theirs will be: survivors' among `results`, the others' among `grouped`
  for (let i = 0; i < count; i++) {
    setNumber(candidateZ, i, numberAt(roots, count - 1 - i) * scale);
    setInteger(place, i, count - 1 - i);
  }
  for (let t = 0; t < dropped; t++) {
    const value = numberAt(candidates, integerAt(deflated, t)) * scale;
    let at = count + t;
    for (; at > 0 && numberAt(candidateZ, at - 1) < value; at--) {
      setNumber(candidateZ, at, numberAt(candidateZ, at - 1));
      setInteger(place, at, integerAt(place, at - 1));
    }
    setNumber(candidateZ, at, value);
    setInteger(place, at, count + t);
  }
  memory.copy(d, candidateZ, <usize>n << 3);

  // V: entry j of vector i is z_j / (d_j^2 - s_i^2)
  for (let i = 0; i < count; i++) {
    const row = coefficients + <usize>i * bytes;
    const root = numberAt(roots, i);
    let total: f64 = 0;
    for (let j = 0; j < count; j++) {
      const entry = numberAt(z, j) / (numberAt(row, j) * (numberAt(poles, j) + root));
      setNumber(line, j, entry);
      total += entry * entry;
    }
    const norm = Math.sqrt(total);
    setNumber(norms, i, norm);
    for (let j = 0; j < count; j++) setNumber(row, integerAt(position, j), numberAt(line, j) / norm);
  }
  for (let turn = 0; turn < 2; turn++) {
    const x = turn == 0 ? v : u;
    const xRow = turn == 0 ? vRow : uRow;
    const columns = turn == 0 ? order : n;
    for (let k = 0; k < count; k++) {
      const from = x + <usize>integerAt(rowOf, integerAt(survivors, k)) * xRow;
      memory.copy(grouped + <usize>integerAt(position, k) * bytes, from, <usize>columns << 3);
    }
    for (let t = 0; t < dropped; t++) {
      const from = x + <usize>integerAt(rowOf, integerAt(deflated, t)) * xRow;
      memory.copy(grouped + <usize>(count + t) * bytes, from, <usize>columns << 3);
    }
    gemm(count, left + 1, ofLeft + ofBoth, 1, coefficients, bytes, 8, grouped, bytes, 8, 0, results, bytes, ALL, products);
    const skip = <usize>ofLeft;
    gemm(
      count, columns - left - 1, count - ofLeft, 1, coefficients + (skip << 3), bytes, 8,
      grouped + skip * bytes + column + 8, bytes, 8, 0, results + column + 8, bytes, ALL, products,
    );
    for (let i = 0; i < n; i++) {
      const index = integerAt(place, i);
      const from = (index < count ? results : grouped) + <usize>index * bytes;
      memory.copy(x + <usize>i * xRow, from, <usize>columns << 3);
    }
    if (turn == 1) break;
    // U: entry 0 of vector i is -1, entry j is d_j z_j / (d_j^2 - s_i^2)
    for (let j = 1; j < count; j++) setNumber(line, integerAt(position, j), numberAt(poles, j));
    const head = integerAt(position, 0);
    setNumber(line, head, 0);
    for (let i = 0; i < count; i++) {
      const row = coefficients + <usize>i * bytes;
      const entry = -1 / numberAt(norms, i);
      let total = entry * entry;
      for (let j = 0; j < count; j++) {
        const product = numberAt(row, j) * numberAt(line, j);
        setNumber(row, j, product);
        total += product * product;
      }
      setNumber(row, head, entry);
      const norm = Math.sqrt(total);
      for (let j = 0; j < count; j++) setNumber(row, j, numberAt(row, j) / norm);
    }
  }
  return failed;
}
