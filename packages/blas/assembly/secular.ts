// Roots of the secular equation  f(x) = 1 / rho + sum_j z_j^2 / (d_j - x) = 0,  and vectors that are orthogonal to
// rounding whatever error the roots have.
// Sources: Bunch, Nielsen & Sorensen 1978, "Rank-one modification of the symmetric eigenproblem"; Li 1993, "Solving
// secular equations stably and efficiently"; Gu & Eisenstat 1994, "A stable and efficient algorithm for the rank-one
// modification of the symmetric eigenproblem".
import { add, div, LANES, loadVector, mul, splat, storeVector, sub, sumLanes, Vector, WIDTH, zero } from "./simd";

const ROUNDOFF: f64 = 1.1102230246251565e-16;
/** Rational steps; after them the interval is halved, which ends it. */
const RATIONAL: i32 = 40;
const MOST: i32 = 400;

@inline
function at(x: usize, i: i32): usize {
  return x + (<usize>i << 3);
}

/**
 * delta_j = (d_j - origin) - tau  for j from `first` up to `end`;  the sums of z_j^2 / delta_j  and of
 * (z_j / delta_j)^2  go to `sums`.
 */
export function poleSums(
  first: i32, end: i32, d: usize, z: usize, origin: f64, tau: f64, delta: usize, sums: usize,
): void {
  const from = splat(origin);
  const by = splat(tau);
  let value = zero();
  let slope = zero();
  let j = first;
  for (; j + LANES <= end; j += LANES) {
    const distance = sub(sub(loadVector(at(d, j)), from), by);
    storeVector(at(delta, j), distance);
    const weight = loadVector(at(z, j));
    const ratio = div(weight, distance);
    value = add(value, mul(weight, ratio));
    slope = add(slope, mul(ratio, ratio));
  }
  let valueSum = sumLanes(value);
  let slopeSum = sumLanes(slope);
  for (; j < end; j++) {
    const distance = load<f64>(at(d, j)) - origin - tau;
    store<f64>(at(delta, j), distance);
    const weight = load<f64>(at(z, j));
    const ratio = weight / distance;
    valueSum += weight * ratio;
    slopeSum += ratio * ratio;
  }
  store<f64>(sums, valueSum);
  store<f64>(sums, slopeSum, 8);
}

/** The root nearer to 0 of  c x^2 - a x + b = 0  where sign = 1, without cancellation; the other where it is -1. */
@inline
function quadraticRoot(c: f64, a: f64, b: f64, sign: f64): f64 {
  const root = sign * Math.sqrt(Math.abs(a * a - 4 * b * c));
  return a * sign > 0 ? (2 * b) / (a + root) : (a - root) / (2 * c);
}

/**
 * Root i of k, between d_i and d_(i+1), or d_(k-1) and d_(k-1) + rho for the last, by rational interpolation between
 * the two nearest poles inside of a shrinking interval.
 *
 * @param d ascending
 * @param z of Euclidean norm 1
 * @param delta k numbers: gets  d_j - root  to full relative accuracy
 * @param sums 32 bytes
 * @returns the root
 */
export function secularRoot(k: i32, i: i32, d: usize, z: usize, rho: f64, delta: usize, sums: usize): f64 {
  const constant = 1 / rho;
  const isLast = i == k - 1;
  // the poles that are modeled
  const p = isLast ? i - 1 : i;
  const q = p + 1;
  const dp = load<f64>(at(d, p));
  const dq = load<f64>(at(d, q));
  const gap = dq - dp;
  const zp = load<f64>(at(z, p)) * load<f64>(at(z, p));
  const zq = load<f64>(at(z, q)) * load<f64>(at(z, q));
  let origin = isLast ? dq : dp;
  let tau = 0.5 * (isLast ? rho : gap);
  poleSums(0, q, d, z, origin, tau, delta, sums);
  poleSums(q, k, d, z, origin, tau, delta, sums + 16);
  let w = constant + load<f64>(sums) + load<f64>(sums, 16);
  const c = w - zp / load<f64>(at(delta, p)) - zq / load<f64>(at(delta, q));
  let low: f64 = 0;
  let high = tau;
  let guess: f64 = 0;
  if (isLast) {
    if (w <= 0) {
      low = tau;
      high = rho;
    }
    guess = quadraticRoot(c, zp + zq - c * gap, -(zq * gap), -1);
  } else if (w >= 0) guess = quadraticRoot(c, c * gap + zp + zq, zp * gap, 1);
  else {
    origin = dq;
    low = -tau;
    high = 0;
    guess = quadraticRoot(c, zp + zq - c * gap, -(zq * gap), 1);
  }
  tau = guess > low && guess < high ? guess : 0.5 * (low + high);
  let before: f64 = 0;
  let middle = false;
  for (let step = 0; step < MOST; step++) {
    poleSums(0, q, d, z, origin, tau, delta, sums);
    poleSums(q, k, d, z, origin, tau, delta, sums + 16);
    const psi = load<f64>(sums);
    const phi = load<f64>(sums, 16);
    const leftSlope = load<f64>(sums, 8);
    const rightSlope = load<f64>(sums, 24);
    const slope = leftSlope + rightSlope;
    w = constant + psi + phi;
    const error = constant + 8 * (Math.abs(psi) + Math.abs(phi)) + Math.abs(tau) * slope;
    if (!(Math.abs(w) > ROUNDOFF * error)) break;
    if (w < 0) low = tau;
    else high = tau;
    const deltaP = load<f64>(at(delta, p));
    const deltaQ = load<f64>(at(delta, q));
    // the model  c + s / (delta_p - x) + S / (delta_q - x)  has the value and the slope of f
    let level: f64;
    if (step > 0 && w * before > 0 && Math.abs(w) > 0.1 * Math.abs(before)) middle = !middle;
    if (isLast || middle) level = w - deltaP * leftSlope - deltaQ * rightSlope;
    else if (origin == dp) level = w - deltaQ * slope + gap * (zp / (deltaP * deltaP));
    else level = w - deltaP * slope - gap * (zq / (deltaQ * deltaQ));
    before = w;
    const a = (deltaP + deltaQ) * w - deltaP * deltaQ * slope;
    const b = deltaP * deltaQ * w;
    let change: f64;
    if (isLast) change = quadraticRoot(Math.abs(level), a, b, -1);
    else change = quadraticRoot(level, a, b, 1);
    if (!(w * change < 0)) change = -w / slope;
    let next = tau + change;
    if (!(next > low && next < high) || step > RATIONAL) next = 0.5 * (low + high);
    if (next == tau || next == low || next == high) break;
    tau = next;
  }
  return origin + tau;
}

/** product_j = product_j delta_j / (d_j - pole)  for j from `first` up to `end`. */
export function multiplyRatios(first: i32, end: i32, d: usize, pole: f64, delta: usize, product: usize): void {
  const from = splat(pole);
  let j = first;
  for (; j + LANES <= end; j += LANES) {
    const ratio = div(loadVector(at(delta, j)), sub(loadVector(at(d, j)), from));
    storeVector(at(product, j), mul(loadVector(at(product, j)), ratio));
  }
  for (; j < end; j++) {
    const ratio = load<f64>(at(delta, j)) / (load<f64>(at(d, j)) - pole);
    store<f64>(at(product, j), load<f64>(at(product, j)) * ratio);
  }
}

/** z_j / delta_j  in the place of delta; returns the sum of squares. */
export function divideInto(k: i32, z: usize, delta: usize): f64 {
  let squares = zero();
  let j = 0;
  for (; j + LANES <= k; j += LANES) {
    const ratio = div(loadVector(at(z, j)), loadVector(at(delta, j)));
    storeVector(at(delta, j), ratio);
    squares = add(squares, mul(ratio, ratio));
  }
  let sum = sumLanes(squares);
  for (; j < k; j++) {
    const ratio = load<f64>(at(z, j)) / load<f64>(at(delta, j));
    store<f64>(at(delta, j), ratio);
    sum += ratio * ratio;
  }
  return sum;
}

/**
 * Roots and unit vectors of  diag(d) + rho z z^T  (DLAED3 with DLAED4), k at least 2: the vectors are those of a
 * matrix near by that has the computed roots exactly.
 *
 * @param d ascending and distinct
 * @param z of Euclidean norm 1, no number of which is 0; overwritten
 * @param places i32 numbers: entry j of a vector goes to column places_j of its row
 * @param roots k numbers, ascending
 * @param s k x k: row i is the vector of root i
 * @param work k numbers and 32 bytes
 */
export function secularVectors(
  k: i32, d: usize, z: usize, rho: f64, places: usize, roots: usize, s: usize, work: usize,
): void {
  const row = <usize>k << 3;
  const line = work + 32;
  for (let j = 0; j < k; j++) store<f64>(at(line, j), 1);
  for (let i = 0; i < k; i++) {
    const delta = s + <usize>i * row;
    store<f64>(at(roots, i), secularRoot(k, i, d, z, rho, delta, work));
    const pole = load<f64>(at(d, i));
    multiplyRatios(0, i, d, pole, delta, line);
    store<f64>(at(line, i), load<f64>(at(line, i)) * load<f64>(at(delta, i)));
    multiplyRatios(i + 1, k, d, pole, delta, line);
  }
  for (let j = 0; j < k; j++) {
    const size = Math.sqrt(Math.abs(load<f64>(at(line, j))));
    store<f64>(at(z, j), load<f64>(at(z, j)) < 0 ? -size : size);
  }
  for (let i = 0; i < k; i++) {
    const vector = s + <usize>i * row;
    const factor = 1 / Math.sqrt(divideInto(k, z, vector));
    memory.copy(line, vector, row);
    for (let j = 0; j < k; j++)
      store<f64>(at(vector, load<i32>(places + (<usize>j << 2))), factor * load<f64>(at(line, j)));
  }
}
