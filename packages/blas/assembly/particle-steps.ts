// One step of particles toward a point, with noise by their distance from it.
import {
  abs, add, atLeast, atMost, firstLane, LANES, lastLane, loadVector, mul, splat, storeVector, sub, WIDTH,
} from "./simd";

/** X <- X + scatter diag(X - c) Z - pull (X - c), with |X_j - c_j| cut at `most` where it scales Z. */
export function anisotropicSteps(
  count: i32, d: i32, pull: f64, scatter: f64, most: f64, center: usize, noise: usize, particles: usize,
): void {
  const whole = <usize>(d - d % LANES) << 3;
  const end = center + (<usize>d << 3);
  for (let i = 0; i < count; i++) {
    let c = center;
    while (c < center + whole) {
      const x = loadVector(particles);
      const apart = sub(x, loadVector(c));
      const radius = atLeast(atMost(apart, splat(most)), splat(-most));
      const spread = mul(mul(splat(scatter), radius), loadVector(noise));
      storeVector(particles, add(x, sub(spread, mul(splat(pull), apart))));
      c += WIDTH;
      noise += WIDTH;
      particles += WIDTH;
    }
    while (c < end) {
      const x = load<f64>(particles);
      const apart = x - load<f64>(c);
      const radius = max(-most, min(most, apart));
      store<f64>(particles, x + (scatter * radius * load<f64>(noise) - pull * apart));
      c += 8;
      noise += 8;
      particles += 8;
    }
  }
}

/** X <- X - pull (X - c) + scatter min(||X - c||, most) Z; squares are added from left to right. */
export function isotropicSteps(
  count: i32, d: i32, pull: f64, scatter: f64, most: f64, center: usize, noise: usize, particles: usize,
): void {
  const whole = <usize>(d - d % LANES) << 3;
  const end = center + (<usize>d << 3);
  for (let i = 0; i < count; i++) {
    let square: f64 = 0;
    let x = particles;
    for (let c = center; c < end; c += 8) {
      const apart = load<f64>(x) - load<f64>(c);
      square += apart * apart;
      x += 8;
    }
    const scale = scatter * min(sqrt(square), most);
    let c = center;
    while (c < center + whole) {
      const x = loadVector(particles);
      const moved = sub(x, mul(splat(pull), sub(x, loadVector(c))));
      storeVector(particles, add(moved, mul(splat(scale), loadVector(noise))));
      c += WIDTH;
      noise += WIDTH;
      particles += WIDTH;
    }
    while (c < end) {
      const x = load<f64>(particles);
      store<f64>(particles, x - pull * (x - load<f64>(c)) + scale * load<f64>(noise));
      c += 8;
      noise += 8;
      particles += 8;
    }
  }
}

/** max |X_j - c_j| over all particles and coordinates; a difference that is not a number is left out. */
export function largestGap(count: i32, d: i32, center: usize, particles: usize): f64 {
  const whole = <usize>(d - d % LANES) << 3;
  const end = center + (<usize>d << 3);
  let most = splat(0);
  let last: f64 = 0;
  for (let i = 0; i < count; i++) {
    let c = center;
    while (c < center + whole) {
      most = atLeast(most, abs(sub(loadVector(particles), loadVector(c))));
      c += WIDTH;
      particles += WIDTH;
    }
    while (c < end) {
      const apart = Math.abs(load<f64>(particles) - load<f64>(c));
      if (apart > last) last = apart;
      c += 8;
      particles += 8;
    }
  }
  return max(last, max(firstLane(most), lastLane(most)));
}
