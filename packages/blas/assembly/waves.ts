// Test functions with a grid of local minima: squared sines of many numbers, and sums over rows.
import {
  add, loadSplat, loadSplat1, loadSplat2, loadSplat3, loadVector, mul, storeVector, sub, Vector, wholeBelow, WIDTH,
} from "./simd";

/** Vectors that `squaredSines` takes at a time. */
const VECTORS: usize = 4;

@inline
function remainder(x: Vector, half: Vector): Vector {
  return sub(x, wholeBelow(add(x, half)));
}

/**
 * sin^2(pi x): with r = x - floor(x + 1/2), the square of the Taylor series of sin(pi r) to r^21. Arrays are padded to four
 * vectors, which share each coefficient.
 *
 * @param series 1/2, then the absolute values of the coefficients from r^21 down to r: loaded, a constant is ready sooner
 *   than V8 makes it
 */
export function squaredSines(n: i32, series: usize, from: usize, to: usize): void {
  const end = from + (<usize>n << 3);
  while (from < end) {
    let c = loadSplat(series);
    const r0 = remainder(loadVector(from), c);
    const r1 = remainder(loadVector(from + WIDTH), c);
    const r2 = remainder(loadVector(from + 2 * WIDTH), c);
    const r3 = remainder(loadVector(from + 3 * WIDTH), c);
    const z0 = mul(r0, r0);
    const z1 = mul(r1, r1);
    const z2 = mul(r2, r2);
    const z3 = mul(r3, r3);
    c = loadSplat1(series);
    let s0 = mul(c, z0);
    let s1 = mul(c, z1);
    let s2 = mul(c, z2);
    let s3 = mul(c, z3);
    c = loadSplat2(series);
    s0 = mul(sub(s0, c), z0);
    s1 = mul(sub(s1, c), z1);
    s2 = mul(sub(s2, c), z2);
    s3 = mul(sub(s3, c), z3);
    c = loadSplat3(series);
    s0 = mul(add(s0, c), z0);
    s1 = mul(add(s1, c), z1);
    s2 = mul(add(s2, c), z2);
    s3 = mul(add(s3, c), z3);
    c = loadSplat(series + 32);
    s0 = mul(sub(s0, c), z0);
    s1 = mul(sub(s1, c), z1);
    s2 = mul(sub(s2, c), z2);
    s3 = mul(sub(s3, c), z3);
    c = loadSplat(series + 40);
    s0 = mul(add(s0, c), z0);
    s1 = mul(add(s1, c), z1);
    s2 = mul(add(s2, c), z2);
    s3 = mul(add(s3, c), z3);
    c = loadSplat(series + 48);
    s0 = mul(sub(s0, c), z0);
    s1 = mul(sub(s1, c), z1);
    s2 = mul(sub(s2, c), z2);
    s3 = mul(sub(s3, c), z3);
    c = loadSplat(series + 56);
    s0 = mul(add(s0, c), z0);
    s1 = mul(add(s1, c), z1);
    s2 = mul(add(s2, c), z2);
    s3 = mul(add(s3, c), z3);
    c = loadSplat(series + 64);
    s0 = mul(sub(s0, c), z0);
    s1 = mul(sub(s1, c), z1);
    s2 = mul(sub(s2, c), z2);
    s3 = mul(sub(s3, c), z3);
    c = loadSplat(series + 72);
    s0 = mul(add(s0, c), z0);
    s1 = mul(add(s1, c), z1);
    s2 = mul(add(s2, c), z2);
    s3 = mul(add(s3, c), z3);
    c = loadSplat(series + 80);
    s0 = mul(sub(s0, c), z0);
    s1 = mul(sub(s1, c), z1);
    s2 = mul(sub(s2, c), z2);
    s3 = mul(sub(s3, c), z3);
    c = loadSplat(series + 88);
    s0 = mul(add(s0, c), r0);
    s1 = mul(add(s1, c), r1);
    s2 = mul(add(s2, c), r2);
    s3 = mul(add(s3, c), r3);
    storeVector(to, mul(s0, s0));
    storeVector(to + WIDTH, mul(s1, s1));
    storeVector(to + 2 * WIDTH, mul(s2, s2));
    storeVector(to + 3 * WIDTH, mul(s3, s3));
    from += VECTORS * WIDTH;
    to += VECTORS * WIDTH;
  }
}

/**
 * sum_j [x_j^2 + weight s_j] of each row from left to right, as a loop over numbers adds; four rows at a time, because each
 * sum waits for the one before. Arrays are padded to four rows.
 */
export function bowlRows(rows: i32, d: i32, weight: f64, points: usize, sines: usize, sums: usize): void {
  const row = <usize>d << 3;
  for (let i = 0; i < rows; i += 4) {
    let s0: f64 = 0;
    let s1: f64 = 0;
    let s2: f64 = 0;
    let s3: f64 = 0;
    const end = points + row;
    while (points < end) {
      const x0 = load<f64>(points);
      const x1 = load<f64>(points + row);
      const x2 = load<f64>(points + 2 * row);
      const x3 = load<f64>(points + 3 * row);
      s0 += x0 * x0 + weight * load<f64>(sines);
      s1 += x1 * x1 + weight * load<f64>(sines + row);
      s2 += x2 * x2 + weight * load<f64>(sines + 2 * row);
      s3 += x3 * x3 + weight * load<f64>(sines + 3 * row);
      points += 8;
      sines += 8;
    }
    store<f64>(sums, s0);
    store<f64>(sums, s1, 8);
    store<f64>(sums, s2, 16);
    store<f64>(sums, s3, 24);
    points += 3 * row;
    sines += 3 * row;
    sums += 32;
  }
}

/** The sum of each row from left to right; arrays are padded to four rows. */
export function rowSums(rows: i32, d: i32, numbers: usize, sums: usize): void {
  const row = <usize>d << 3;
  for (let i = 0; i < rows; i += 4) {
    let s0: f64 = 0;
    let s1: f64 = 0;
    let s2: f64 = 0;
    let s3: f64 = 0;
    const end = numbers + row;
    while (numbers < end) {
      s0 += load<f64>(numbers);
      s1 += load<f64>(numbers + row);
      s2 += load<f64>(numbers + 2 * row);
      s3 += load<f64>(numbers + 3 * row);
      numbers += 8;
    }
    store<f64>(sums, s0);
    store<f64>(sums, s1, 8);
    store<f64>(sums, s2, 16);
    store<f64>(sums, s3, 24);
    numbers += 3 * row;
    sums += 32;
  }
}
