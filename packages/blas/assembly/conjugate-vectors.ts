// The vectors of conjugate gradients: x, r, d and q = A d, whole vectors long, what is beyond their numbers being 0.
import { add, loadVector, mul, splat, storeVector, sub, sumLanes, WIDTH, zero } from "./simd";

/** d = c r + beta d, or r + beta d where c is 0; returns d^T d. */
export function turnDirection(n: i32, beta: f64, c: usize, r: usize, d: usize): f64 {
  const factor = splat(beta);
  const end = d + (<usize>n << 3);
  let sum = zero();
  for (; d < end; d += WIDTH) {
    let value = loadVector(r);
    if (c != 0) {
      value = mul(loadVector(c), value);
      c += WIDTH;
    }
    value = add(value, mul(factor, loadVector(d)));
    storeVector(d, value);
    sum = add(sum, mul(value, value));
    r += WIDTH;
  }
  return sumLanes(sum);
}

/** q = q + shift d; returns d^T q. */
export function shiftProduct(n: i32, shift: f64, d: usize, q: usize): f64 {
  const factor = splat(shift);
  const end = d + (<usize>n << 3);
  let sum = zero();
  for (; d < end; d += WIDTH) {
    const direction = loadVector(d);
    const value = add(loadVector(q), mul(factor, direction));
    storeVector(q, value);
    sum = add(sum, mul(direction, value));
    q += WIDTH;
  }
  return sumLanes(sum);
}

/** x = x + alpha d, r = r - alpha q; leaves r^T r and r^T (c r) at `sums`, r^T r twice where c is 0. */
export function stepAlong(n: i32, alpha: f64, d: usize, x: usize, q: usize, r: usize, c: usize, sums: usize): void {
  const factor = splat(alpha);
  const end = d + (<usize>n << 3);
  let squares = zero();
  let weighted = zero();
  for (; d < end; d += WIDTH) {
    storeVector(x, add(loadVector(x), mul(factor, loadVector(d))));
    const value = sub(loadVector(r), mul(factor, loadVector(q)));
    storeVector(r, value);
    const square = mul(value, value);
    squares = add(squares, square);
    if (c != 0) {
      weighted = add(weighted, mul(loadVector(c), square));
      c += WIDTH;
    }
    x += WIDTH;
    q += WIDTH;
    r += WIDTH;
  }
  store<f64>(sums, sumLanes(squares));
  store<f64>(sums, sumLanes(c == 0 ? squares : weighted), 8);
}
