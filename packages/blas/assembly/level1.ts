// Kernels on vectors without gaps: what the matrix kernels do with rows.
import { add, div, LANES, loadVector, mul, splat, storeVector, sub, sumLanes, WIDTH, zero } from "./simd";

/** The sum of x_i y_i, in four vectors of partial sums. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s0 = zero();
  let s1 = zero();
  let s2 = zero();
  let s3 = zero();
  const end = x + (<usize>n << 3);
  const fours = x + (<usize>(n - (n % (4 * LANES))) << 3);
  while (x < fours) {
    s0 = add(s0, mul(loadVector(x), loadVector(y)));
    s1 = add(s1, mul(loadVector(x + WIDTH), loadVector(y + WIDTH)));
    s2 = add(s2, mul(loadVector(x + 2 * WIDTH), loadVector(y + 2 * WIDTH)));
    s3 = add(s3, mul(loadVector(x + 3 * WIDTH), loadVector(y + 3 * WIDTH)));
    x += 4 * WIDTH;
    y += 4 * WIDTH;
  }
  let sum = sumLanes(add(add(s0, s1), add(s2, s3)));
  while (x < end) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y = y + alpha x. */
export function axpy(n: i32, alpha: f64, x: usize, y: usize): void {
  const factor = splat(alpha);
  const end = x + (<usize>n << 3);
  const pairs = x + (<usize>(n - (n % (2 * LANES))) << 3);
  while (x < pairs) {
    storeVector(y, add(loadVector(y), mul(factor, loadVector(x))));
    storeVector(y + WIDTH, add(loadVector(y + WIDTH), mul(factor, loadVector(x + WIDTH))));
    x += 2 * WIDTH;
    y += 2 * WIDTH;
  }
  while (x < end) {
    store<f64>(y, load<f64>(y) + alpha * load<f64>(x));
    x += 8;
    y += 8;
  }
}

/** x = alpha x; 0 overwrites what is not a number. */
export function scale(n: i32, alpha: f64, x: usize): void {
  const end = x + (<usize>n << 3);
  for (; x < end; x += 8) store<f64>(x, alpha == 0 ? 0 : alpha * load<f64>(x));
}

/** x = x / divisor. */
export function divide(n: i32, divisor: f64, x: usize): void {
  const end = x + (<usize>n << 3);
  const whole = x + (<usize>(n - (n % LANES)) << 3);
  const divisors = splat(divisor);
  for (; x < whole; x += WIDTH) storeVector(x, div(loadVector(x), divisors));
  for (; x < end; x += 8) store<f64>(x, load<f64>(x) / divisor);
}

/** (x, y) = (c x + s y, c y - s x) (DROT). */
export function rotate(n: i32, x: usize, y: usize, c: f64, s: f64): void {
  const end = x + (<usize>n << 3);
  const whole = x + (<usize>(n - (n % LANES)) << 3);
  const cosine = splat(c);
  const sine = splat(s);
  while (x < whole) {
    const one = loadVector(x);
    const other = loadVector(y);
    storeVector(x, add(mul(cosine, one), mul(sine, other)));
    storeVector(y, sub(mul(cosine, other), mul(sine, one)));
    x += WIDTH;
    y += WIDTH;
  }
  while (x < end) {
    const one = load<f64>(x);
    const other = load<f64>(y);
    store<f64>(x, c * one + s * other);
    store<f64>(y, c * other - s * one);
    x += 8;
    y += 8;
  }
}
