// The secular equation  1 + sum_j z_j^2 / (d_j^2 - s^2) = 0  of two joined bidiagonal matrices, whose roots are singular
// values, and the weights of which computed roots are exact.
// Sources: Li 1994, "Solving secular equations stably and efficiently" (LAPACK working note 89); Gu & Eisenstat 1995, "A
// divide-and-conquer algorithm for the bidiagonal SVD".
import { numberAt, setNumber } from "./householder";
import { add, div, LANES, loadVector, mul, splat, storeVector, sub, sumLanes, WIDTH, zero } from "./simd";

export const EPSILON: f64 = 1.1102230246251565e-16;

/**
 * Sums over j < n of the secular function's terms  z_j^2 / (d_j^2 - s^2)  and of their derivatives with respect to s^2,
 * stored side by side; s = origin + eta, differences_j = d_j - origin.
 */
export function secularSums(
  n: i32, squares: usize, differences: usize, poles: usize, eta: f64, s: f64, sums: usize,
): void {
  let terms = zero();
  let slopes = zero();
  const one = splat(1);
  const etas = splat(eta);
  const roots = splat(s);
  const end = squares + (<usize>n << 3);
  const whole = squares + (<usize>(n - (n % LANES)) << 3);
  while (squares < whole) {
    const inverse = div(one, mul(sub(loadVector(differences), etas), add(loadVector(poles), roots)));
    const term = mul(loadVector(squares), inverse);
    terms = add(terms, term);
    slopes = add(slopes, mul(term, inverse));
    squares += WIDTH;
    differences += WIDTH;
    poles += WIDTH;
  }
  let term = sumLanes(terms);
  let slope = sumLanes(slopes);
  while (squares < end) {
    const inverse = 1 / ((load<f64>(differences) - eta) * (load<f64>(poles) + s));
    const last = load<f64>(squares) * inverse;
    term += last;
    slope += last * inverse;
    squares += 8;
    differences += 8;
    poles += 8;
  }
  store<f64>(sums, term);
  store<f64>(sums, slope, 8);
}

/** x_j = y_j - by. */
function subtractFromAll(n: i32, y: usize, by: f64, x: usize): void {
  for (let j = 0; j < n; j++) setNumber(x, j, numberAt(y, j) - by);
}

/**
 * The root of  1 + sum_j z_j^2 / (d_j^2 - s^2)  above pole i, and its distances to the poles without cancellation: poles
 * minus root in `differences`.
 *
 * @param poles d_j, ascending
 * @param squares z_j^2, whose sum is `total`
 * @returns 0, or 1 where it does not converge
 */
export function secularRoot(
  i: i32, count: i32, poles: usize, squares: usize, total: f64, differences: usize, roots: usize, sums: usize,
): i32 {
  let origin = numberAt(poles, i);
  subtractFromAll(count, poles, origin, differences);
  if (count == 1) {
    const root = Math.sqrt(total);
    setNumber(roots, 0, root);
    setNumber(differences, 0, -root);
    return 0;
  }
  // the poles below, and from `split` on those above; of the last root the pole just below stands for them
  const last = i == count - 1;
  const split = last ? i : i + 1;
  const at = <usize>split << 3;
  const accuracy = EPSILON * (8 + Math.sqrt(<f64>count));
  let low: f64 = 0;
  let high: f64 = last
    ? total / (origin + Math.sqrt(origin * origin + total))
    : (numberAt(poles, i + 1) - origin) / 2;
  let eta = last ? high / 2 : high;
  let known = false;
  for (let step = 0; step < 200; step++) {
    let s = origin + eta;
    if (!known) {
      secularSums(split, squares, differences, poles, eta, s, sums);
      secularSums(count - split, squares + at, differences + at, poles + at, eta, s, sums + 16);
    }
    known = false;
    const below = load<f64>(sums);
    const above = load<f64>(sums, 16);
    const f = 1 + below + above;
    if (step == 0 && !last && f < 0) {
      // in the upper half: measured from the pole above
      origin = numberAt(poles, i + 1);
      subtractFromAll(count, poles, origin, differences);
      low = -eta;
      high = 0;
      eta = low;
      s = origin + eta;
    }
    if (Math.abs(f) <= accuracy * (1 + Math.abs(below) + Math.abs(above))) break;
    if (f < 0) low = eta;
    else high = eta;
    // both sums as c + s / (d^2 - x) with the nearest pole, which is a quadratic equation (Li 1994, section 3.3)
    const slopeBelow = load<f64>(sums, 8);
    const slopeAbove = load<f64>(sums, 24);
    const one = (numberAt(differences, split - 1) - eta) * (numberAt(poles, split - 1) + s);
    const other = (numberAt(differences, split) - eta) * (numberAt(poles, split) + s);
    const c = 1 + (below - one * slopeBelow) + (above - other * slopeAbove);
    const a = c * (one + other) + one * one * slopeBelow + other * other * slopeAbove;
    const b = one * other * f;
    const discriminant = Math.sqrt(Math.abs(a * a - 4 * b * c));
    let change: f64;
    if (last) change = a >= 0 ? (a + discriminant) / (2 * c) : (2 * b) / (a - discriminant);
    else change = a <= 0 ? (a - discriminant) / (2 * c) : (2 * b) / (a + discriminant);
    let next = eta + change / (s + Math.sqrt(s * s + change));
    if (!(next > low && next < high)) {
      next = (low + high) / 2;
      if (next == low || next == high) break;
    }
    if (next == eta) break;
    eta = next;
  }
  setNumber(roots, i, origin + eta);
  subtractFromAll(count, differences, eta, differences);
  return eta == eta ? 0 : 1;
}

/** target_j = target_j (differences_j (d_j + root)) / ((d_j - pole) (d_j + pole)). */
export function multiplyRatios(n: i32, poles: usize, differences: usize, root: f64, pole: f64, target: usize): void {
  const roots = splat(root);
  const others = splat(pole);
  const end = target + (<usize>n << 3);
  const whole = target + (<usize>(n - (n % LANES)) << 3);
  while (target < whole) {
    const dj = loadVector(poles);
    const ratio = div(mul(loadVector(differences), add(dj, roots)), mul(sub(dj, others), add(dj, others)));
    storeVector(target, mul(loadVector(target), ratio));
    target += WIDTH;
    poles += WIDTH;
    differences += WIDTH;
  }
  while (target < end) {
    const dj = load<f64>(poles);
    store<f64>(target, load<f64>(target) * ((load<f64>(differences) * (dj + root)) / ((dj - pole) * (dj + pole))));
    target += 8;
    poles += 8;
    differences += 8;
  }
}

/** z_j^2, up to its sign, from the poles and the roots: Loewner's formula. */
export function adjustWeights(n: i32, poles: usize, roots: usize, differences: usize, row: usize, squares: usize): void {
  const last = differences + <usize>(n - 1) * row;
  for (let j = 0; j < n; j++)
    setNumber(squares, j, numberAt(last, j) * (numberAt(poles, j) + numberAt(roots, n - 1)));
  for (let i = 0; i + 1 < n; i++) {
    const line = differences + <usize>i * row;
    const root = numberAt(roots, i);
    const next = <usize>(i + 1) << 3;
    multiplyRatios(i + 1, poles, line, root, numberAt(poles, i + 1), squares);
    multiplyRatios(n - i - 1, poles + next, line + next, root, numberAt(poles, i), squares + next);
  }
}
