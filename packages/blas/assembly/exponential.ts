// e^x and ln(1 + e), two vectors at a time, which share each constant; errors of about one unit in the last place.
import {
  add, div, larger, loadVector, mul, nearestWhole, powerOfTwo, selectNonnegative, splat, storeVector, sub, Vector, WIDTH,
} from "./simd";

@inline
function power(p: Vector, k: Vector): Vector {
  // in two factors, so that subnormal results are reached
  const half = nearestWhole(mul(k, splat(0.5)));
  return mul(mul(p, powerOfTwo(half)), powerOfTwo(sub(k, half)));
}

/**
 * e^x of numbers x <= 0, down to 0 by way of subnormal numbers; NaN stays NaN. With k the nearest whole number to
 * x / ln 2: the Taylor series of e^r, r = x - k ln 2, |r| <= 0.347, to r^13, times 2^k. Arrays are padded to two vectors.
 *
 * @param to may be `from`
 */
export function expOfNegatives(n: i32, from: usize, to: usize): void {
  const end = from + (<usize>n << 3);
  while (from < end) {
    const least = splat(-760);
    const x = larger(loadVector(from), least);
    const y = larger(loadVector(from + WIDTH), least);
    const inverse = splat(1.4426950408889634);
    const k = nearestWhole(mul(x, inverse));
    const l = nearestWhole(mul(y, inverse));
    // ln 2 in two parts: the first has 32 bits, so that its product with k is exact
    const high = splat(0.6931471803691238);
    const low = splat(1.9082149292705877e-10);
    const r = sub(sub(x, mul(k, high)), mul(k, low));
    const s = sub(sub(y, mul(l, high)), mul(l, low));
    let c = splat(1.6059043836821613e-10);
    let p = c;
    let q = c;
    c = splat(2.08767569878681e-9);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(2.505210838544172e-8);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(2.755731922398589e-7);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(2.7557319223985893e-6);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(2.48015873015873e-5);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(1.984126984126984e-4);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(1.388888888888889e-3);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(8.333333333333333e-3);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(4.1666666666666664e-2);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(0.16666666666666666);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(0.5);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = splat(1);
    p = add(c, add(r, mul(mul(r, r), p)));
    q = add(c, add(s, mul(mul(s, s), q)));
    storeVector(to, power(p, k));
    storeVector(to + WIDTH, power(q, l));
    from += 2 * WIDTH;
    to += 2 * WIDTH;
  }
}

@inline
function logOf(f: Vector, s: Vector, series: Vector, halved: Vector): Vector {
  const square = mul(splat(0.5), mul(f, f));
  const low = sub(square, mul(s, add(square, series)));
  // ln 2 in two parts again, where 1 + e was halved
  const high = selectNonnegative(halved, splat(0.6931471803691238), splat(0));
  const rest = selectNonnegative(halved, splat(1.9082149292705877e-10), splat(0));
  return sub(high, sub(sub(low, rest), f));
}

/**
 * ln(1 + e) of numbers 0 <= e <= 1; NaN stays NaN. With f = e below 1/2, and 1 + e = 2 (1 + f) from there on:
 * ln(1 + f) = f - f^2/2 + s (f^2/2 + R),  s = f / (2 + f),  R = 2 (s^2/3 + s^4/5 + ..). Arrays are padded to two vectors.
 */
export function logsOfOnePlus(n: i32, from: usize, to: usize): void {
  const end = from + (<usize>n << 3);
  while (from < end) {
    const e = loadVector(from);
    const d = loadVector(from + WIDTH);
    const half = splat(0.5);
    const one = splat(1);
    const two = splat(2);
    const far = sub(e, half);
    const near = sub(d, half);
    const f = selectNonnegative(far, mul(sub(e, one), half), e);
    const g = selectNonnegative(near, mul(sub(d, one), half), d);
    const s = div(f, add(two, f));
    const t = div(g, add(two, g));
    const z = mul(s, s);
    const w = mul(t, t);
    let c = splat(0.08);
    let p = c;
    let q = c;
    c = splat(0.08695652173913043);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.09523809523809523);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.10526315789473684);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.11764705882352941);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.13333333333333333);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.15384615384615385);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.18181818181818182);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.2222222222222222);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.2857142857142857);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.4);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = splat(0.6666666666666666);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    storeVector(to, logOf(f, s, mul(z, p), far));
    storeVector(to + WIDTH, logOf(g, t, mul(w, q), near));
    from += 2 * WIDTH;
    to += 2 * WIDTH;
  }
}
