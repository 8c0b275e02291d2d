// e^x and ln(1 + e), two vectors at a time, which share each constant; errors of about one unit in the last place.
import {
  add, atLeast, div, loadSplat, loadVector, mul, nearestWhole, powerOfTwo, selectNonnegative, storeVector, sub, Vector, WIDTH, zero,
} from "./simd";

/**
 * Where constants are, in memory that the heap leaves free: an engine makes a vector of a literal anew at every use, by
 * three or four instructions, and loads one by a single one.
 */
const TABLE: usize = 8;

@inline
function put(place: i32, x: f64): void {
  store<f64>(TABLE + (<usize>place << 3), x);
}

@inline
function constant(place: i32): Vector {
  return loadSplat(TABLE + (<usize>place << 3));
}

const HALF: i32 = 0;
put(HALF, 0.5);
const ONE: i32 = 1;
put(ONE, 1);
const TWO: i32 = 2;
put(TWO, 2);
const LEAST: i32 = 3;
put(LEAST, -760);
const INVERSE: i32 = 4;
put(INVERSE, 1.4426950408889634);
// ln 2 in two parts: the first has 32 bits, so that its product with a whole number is exact
const HIGH: i32 = 5;
put(HIGH, 0.6931471803691238);
const LOW: i32 = 6;
put(LOW, 1.9082149292705877e-10);
/** 1/13! to 1/3!. */
const EXPONENTIAL: i32 = 7;
put(EXPONENTIAL, 1.6059043836821613e-10);
put(EXPONENTIAL + 1, 2.08767569878681e-9);
put(EXPONENTIAL + 2, 2.505210838544172e-8);
put(EXPONENTIAL + 3, 2.755731922398589e-7);
put(EXPONENTIAL + 4, 2.7557319223985893e-6);
put(EXPONENTIAL + 5, 2.48015873015873e-5);
put(EXPONENTIAL + 6, 1.984126984126984e-4);
put(EXPONENTIAL + 7, 1.388888888888889e-3);
put(EXPONENTIAL + 8, 8.333333333333333e-3);
put(EXPONENTIAL + 9, 4.1666666666666664e-2);
put(EXPONENTIAL + 10, 0.16666666666666666);
/** 2/25, 2/23, .. 2/3. */
const LOGARITHM: i32 = 18;
put(LOGARITHM, 0.08);
put(LOGARITHM + 1, 0.08695652173913043);
put(LOGARITHM + 2, 0.09523809523809523);
put(LOGARITHM + 3, 0.10526315789473684);
put(LOGARITHM + 4, 0.11764705882352941);
put(LOGARITHM + 5, 0.13333333333333333);
put(LOGARITHM + 6, 0.15384615384615385);
put(LOGARITHM + 7, 0.18181818181818182);
put(LOGARITHM + 8, 0.2222222222222222);
put(LOGARITHM + 9, 0.2857142857142857);
put(LOGARITHM + 10, 0.4);
put(LOGARITHM + 11, 0.6666666666666666);

@inline
function power(p: Vector, k: Vector): Vector {
  // in two factors, so that subnormal results are reached
  const half = nearestWhole(mul(k, constant(HALF)));
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
    const least = constant(LEAST);
    const x = atLeast(loadVector(from), least);
    const y = atLeast(loadVector(from + WIDTH), least);
    const inverse = constant(INVERSE);
    const k = nearestWhole(mul(x, inverse));
    const l = nearestWhole(mul(y, inverse));
    const high = constant(HIGH);
    const low = constant(LOW);
    const r = sub(sub(x, mul(k, high)), mul(k, low));
    const s = sub(sub(y, mul(l, high)), mul(l, low));
    let c = constant(EXPONENTIAL);
    let p = c;
    let q = c;
    c = constant(EXPONENTIAL + 1);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 2);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 3);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 4);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 5);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 6);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 7);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 8);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 9);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(EXPONENTIAL + 10);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(HALF);
    p = add(mul(p, r), c);
    q = add(mul(q, s), c);
    c = constant(ONE);
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
  const square = mul(constant(HALF), mul(f, f));
  const low = sub(square, mul(s, add(square, series)));
  // ln 2 where 1 + e was halved
  const high = selectNonnegative(halved, constant(HIGH), zero());
  const rest = selectNonnegative(halved, constant(LOW), zero());
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
    const half = constant(HALF);
    const one = constant(ONE);
    const two = constant(TWO);
    const far = sub(e, half);
    const near = sub(d, half);
    const f = selectNonnegative(far, mul(sub(e, one), half), e);
    const g = selectNonnegative(near, mul(sub(d, one), half), d);
    const s = div(f, add(two, f));
    const t = div(g, add(two, g));
    const z = mul(s, s);
    const w = mul(t, t);
    let c = constant(LOGARITHM);
    let p = c;
    let q = c;
    c = constant(LOGARITHM + 1);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 2);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 3);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 4);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 5);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 6);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 7);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 8);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 9);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 10);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    c = constant(LOGARITHM + 11);
    p = add(mul(p, z), c);
    q = add(mul(q, w), c);
    storeVector(to, logOf(f, s, mul(z, p), far));
    storeVector(to + WIDTH, logOf(g, t, mul(w, q), near));
    from += 2 * WIDTH;
    to += 2 * WIDTH;
  }
}
