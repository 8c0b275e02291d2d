// A look for NaN and infinity.
import { add, LANES, loadVector, splat, sub, sumLanes, WIDTH, zero } from "./simd";

/** Whether all of n numbers are finite: x - x is then 0, else NaN. */
export function allFinite(n: i32, x: usize): i32 {
  let sum = zero();
  const end = x + (<usize>n << 3);
  const whole = x + (<usize>(n - (n % LANES)) << 3);
  for (; x < whole; x += WIDTH) {
    const value = loadVector(x);
    sum = add(sum, sub(value, value));
  }
  if (x < end) sum = add(sum, splat(load<f64>(x) - load<f64>(x)));
  return <i32>(sumLanes(sum) == 0);
}
