// Sums from the first number to the last, and multiples.
import { LANES, loadVector, mul, splat, storeVector, WIDTH } from "./simd";

/**
 * The sum of n numbers and of what each addition rounds off, added at the end: the bits of Neumaier's sum, without its
 * comparison of each number with the sum so far.
 * Source: Knuth 1969, "The Art of Computer Programming", volume 2, section 4.2.2, theorem B.
 */
export function compensatedSum(n: i32, x: usize): f64 {
  let sum = 0.0;
  let lost = 0.0;
  for (const end = x + (<usize>n << 3); x < end; x += 8) {
    const value = load<f64>(x);
    const next = sum + value;
    const part = next - sum;
    lost += sum - (next - part) + (value - part);
    sum = next;
  }
  // infinite terms leave NaN in `lost`
  return sum - sum == 0 ? sum + lost : sum;
}

/** The sum of n numbers. */
export function plainSum(n: i32, x: usize): f64 {
  let sum = 0.0;
  for (const end = x + (<usize>n << 3); x < end; x += 8) sum += load<f64>(x);
  return sum;
}

/** to = factor from, whole vectors. */
export function multiply(n: i32, factor: f64, from: usize, to: usize): void {
  const factors = splat(factor);
  const end = from + (<usize>((n + LANES - 1) / LANES) * WIDTH);
  for (; from < end; from += WIDTH) {
    storeVector(to, mul(factors, loadVector(from)));
    to += WIDTH;
  }
}
