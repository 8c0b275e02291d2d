// Expectations over two jointly Gaussian units behind an activation: E f(u) f(v) and E f'(u) f'(v).
import { abs, add, div, larger, loadVector, mul, root, selectNonnegative, splat, storeVector, sub, Vector, WIDTH, zero } from "./simd";

/** >= 0 where y is at least (1 + sqrt(2)) x. */
@inline
function isSteep(y: Vector, x: Vector): Vector {
  return sub(mul(y, splat(0.41421356237309503)), x);
}

/** y of (x, y), both >= 0, after a turn by 0, pi/4 or pi/2 that brings it to |tan| <= tan(pi/8). */
@inline
function turnedHeight(y: Vector, x: Vector): Vector {
  const rest = selectNonnegative(isSteep(y, x), sub(zero(), x), sub(y, x));
  return selectNonnegative(isSteep(x, y), y, rest);
}

/** x of (x, y) after the turn of `turnedHeight`. */
@inline
function turnedWidth(y: Vector, x: Vector): Vector {
  return selectNonnegative(isSteep(x, y), x, selectNonnegative(isSteep(y, x), y, add(x, y)));
}

/** The tangent after the turn: one division. 0 at the origin. */
@inline
function turnedTangent(y: Vector, x: Vector): Vector {
  return div(turnedHeight(y, x), larger(turnedWidth(y, x), splat(5e-324)));
}

/** The turn of `turnedTangent`. */
@inline
function turn(y: Vector, x: Vector): Vector {
  const diagonal = selectNonnegative(isSteep(y, x), splat(1.5707963267948966), splat(0.7853981633974483));
  return selectNonnegative(isSteep(x, y), zero(), diagonal);
}

/** An angle of (x, y), in the first quadrant. */
@inline
function angle(y: Vector, x: Vector): Vector {
  return add(turn(y, x), arctangent(turnedTangent(y, x)));
}

/** The same in place of y, and 1 / x in place of x > 0, by one division for both. */
@inline
function angleAndInverse(y: usize, x: usize): void {
  const opposite = loadVector(y);
  const adjacent = loadVector(x);
  const width = turnedWidth(opposite, adjacent);
  const inverse = div(splat(1), mul(adjacent, width));
  const t = mul(mul(turnedHeight(opposite, adjacent), adjacent), inverse);
  storeVector(y, add(turn(opposite, adjacent), arctangent(t)));
  storeVector(x, mul(width, inverse));
}

/**
 * (arctan(t) - t) / t^3 of z = t^2 for |t| <= tan(pi/8): the polynomial interpolates arctan at 11 Chebyshev points, with an
 * error of 7e-18. Even and odd powers apart: one chain of sums would take twice as long as its operations.
 */
@inline
function arctangentSeries(z: Vector): Vector {
  const w = mul(z, z);
  let even = splat(-0.019176887119048774);
  let odd = splat(0.039231658295576184);
  even = add(mul(even, w), splat(-0.05085449737939879));
  odd = add(mul(odd, w), splat(0.05858148912802137));
  even = add(mul(even, w), splat(-0.06664511447381939));
  odd = add(mul(odd, w), splat(0.07692183190826087));
  even = add(mul(even, w), splat(-0.09090904578123901));
  odd = add(mul(odd, w), splat(0.11111111015256361));
  even = add(mul(even, w), splat(-0.14285714284666542));
  odd = add(mul(odd, w), splat(0.1999999999999552));
  even = add(mul(even, w), splat(-0.3333333333333333));
  return add(mul(odd, z), even);
}

/** t + t z series(z). */
@inline
function arctangent(t: Vector): Vector {
  const z = mul(t, t);
  return add(t, mul(t, mul(z, arctangentSeries(z))));
}

/** In place of y: angles of (x, y) in the first quadrant. Arrays are padded to two vectors. */
export function firstQuadrantAngles(n: i32, y: usize, x: usize): void {
  const end = y + (<usize>n << 3);
  while (y < end) {
    const first = angle(loadVector(y), loadVector(x));
    const second = angle(loadVector(y + WIDTH), loadVector(x + WIDTH));
    storeVector(y, first);
    storeVector(y + WIDTH, second);
    y += 2 * WIDTH;
    x += 2 * WIDTH;
  }
}

/** In place of y: angles of (x, y) in the first quadrant; of x > 0, 1 / x. Arrays are padded to two vectors. */
export function firstQuadrantAnglesAndInverses(n: i32, y: usize, x: usize): void {
  const end = y + (<usize>n << 3);
  while (y < end) {
    angleAndInverse(y, x);
    angleAndInverse(y + WIDTH, x + WIDTH);
    y += 2 * WIDTH;
    x += 2 * WIDTH;
  }
}

/** Bytes from a vector of k11 to the next. */
@inline
function stepOf(shared: i32): usize {
  return shared != 0 ? 0 : WIDTH;
}

/** q sin t and |q cos t| of the angles t between pairs of units, q^2 = k11 k22. */
export function rectifiedSides(
  n: i32, k11: usize, step: usize, k22: usize, k12: usize, opposite: usize, adjacent: usize,
): void {
  const end = k12 + (<usize>n << 3);
  for (; k12 < end; k12 += WIDTH) {
    const inner = loadVector(k12);
    const square = sub(mul(loadVector(k11), loadVector(k22)), mul(inner, inner));
    storeVector(opposite, root(larger(square, zero())));
    storeVector(adjacent, abs(inner));
    k11 += step;
    k22 += WIDTH;
    opposite += WIDTH;
    adjacent += WIDTH;
  }
}

/**
 * Duals of max(z, 0) + slope min(z, 0), as derivative = bend share + slope, covariance = bend (..) + slope k12.
 *
 * @param derivative angles, overwritten
 */
export function rectifiedMeans(
  n: i32, k11: usize, step: usize, k22: usize, k12: usize, slope: f64, covariance: usize, derivative: usize,
): void {
  const end = k12 + (<usize>n << 3);
  const bend = splat((1 - slope) * (1 - slope));
  const rest = splat(slope);
  const inverse = splat(0.15915494309189535);
  for (; k12 < end; k12 += WIDTH) {
    const inner = loadVector(k12);
    const angle = mul(loadVector(derivative), inverse);
    const share = selectNonnegative(inner, sub(splat(0.5), angle), angle);
    const square = sub(mul(loadVector(k11), loadVector(k22)), mul(inner, inner));
    const mean = add(mul(root(larger(square, zero())), inverse), mul(share, inner));
    storeVector(covariance, add(mul(bend, mean), mul(rest, inner)));
    storeVector(derivative, add(mul(bend, share), rest));
    k11 += step;
    k22 += WIDTH;
    covariance += WIDTH;
    derivative += WIDTH;
  }
}

/**
 * The duals of the leaky rectifier  f(z) = max(z, 0) + slope min(z, 0)  from the angle t between the units: its share
 * (pi - t) / 2 pi needs no difference where v is near -u. Arrays are padded to two vectors.
 *
 * @param shared whether all pairs have the first two vectors of k11
 */
export function rectifiedDual(
  n: i32, k11: usize, shared: i32, k22: usize, k12: usize, slope: f64, covariance: usize, derivative: usize,
): void {
  const step = stepOf(shared);
  rectifiedSides(n, k11, step, k22, k12, derivative, covariance);
  firstQuadrantAngles(n, derivative, covariance);
  rectifiedMeans(n, k11, step, k22, k12, slope, covariance, derivative);
}

/** 2 |k12| and sqrt((1 + 2 k11) (1 + 2 k22) - 4 k12^2). */
export function erfSides(
  n: i32, k11: usize, step: usize, k22: usize, k12: usize, opposite: usize, adjacent: usize,
): void {
  const end = k12 + (<usize>n << 3);
  const one = splat(1);
  for (; k12 < end; k12 += WIDTH) {
    const twice = add(loadVector(k12), loadVector(k12));
    const u = loadVector(k11);
    const v = loadVector(k22);
    const norms = mul(add(one, add(u, u)), add(one, add(v, v)));
    storeVector(opposite, abs(twice));
    storeVector(adjacent, root(sub(norms, mul(twice, twice))));
    k11 += step;
    k22 += WIDTH;
    opposite += WIDTH;
    adjacent += WIDTH;
  }
}

/**
 * The duals of erf: (2 / pi) arctan(2 k12 / r) and 4 / (pi r), r = sqrt((1 + 2 k11) (1 + 2 k22) - 4 k12^2). Arrays are
 * padded to two vectors.
 *
 * @param shared as in `rectifiedDual`
 */
export function erfDual(
  n: i32, k11: usize, shared: i32, k22: usize, k12: usize, covariance: usize, derivative: usize,
): void {
  erfSides(n, k11, stepOf(shared), k22, k12, covariance, derivative);
  firstQuadrantAnglesAndInverses(n, covariance, derivative);
  const end = k12 + (<usize>n << 3);
  const scale = splat(0.6366197723675814);
  for (; k12 < end; k12 += WIDTH) {
    const angle = mul(scale, loadVector(covariance));
    storeVector(covariance, selectNonnegative(loadVector(k12), angle, sub(zero(), angle)));
    storeVector(derivative, mul(splat(1.2732395447351628), loadVector(derivative)));
    covariance += WIDTH;
    derivative += WIDTH;
  }
}
