// The logistic loss of margins m = y z: ln(1 + e^-m), its weight 1 / (1 + e^m) and its curvature.
import { expOfNegatives, logsOfOnePlus } from "./exponential";
import {
  abs, add, div, LANES, larger, loadVector, mul, selectNonnegative, splat, storeVector, sub, sumLanes, WIDTH, zero,
} from "./simd";

/** Rows whose numbers stay in the first-level cache between the steps. */
const BLOCK: i32 = 256;

/** to_i = -|z_i|. */
export function negativeAbsolutes(n: i32, z: usize, to: usize): void {
  const end = z + (<usize>n << 3);
  for (; z < end; z += WIDTH) {
    storeVector(to, sub(zero(), abs(loadVector(z))));
    to += WIDTH;
  }
}

/**
 * Derivatives of rows and the part of their losses that is not a logarithm, from e = e^-|m|.
 *
 * @param slopes e, overwritten by -y / (1 + e^m)
 * @param losses ln(1 + e), to which max(0, -m) is added
 */
export function slopesOfDecays(n: i32, z: usize, labels: usize, losses: usize, slopes: usize, curvatures: usize): void {
  const end = z + (<usize>n << 3);
  const one = splat(1);
  while (z < end) {
    const y = loadVector(labels);
    const margin = mul(y, loadVector(z));
    const e = loadVector(slopes);
    const inverse = div(one, add(one, e));
    const share = mul(e, inverse);
    storeVector(losses, add(larger(zero(), sub(zero(), margin)), loadVector(losses)));
    storeVector(slopes, sub(zero(), mul(y, selectNonnegative(margin, share, inverse))));
    if (curvatures != 0) {
      storeVector(curvatures, mul(share, inverse));
      curvatures += WIDTH;
    }
    z += WIDTH;
    labels += WIDTH;
    losses += WIDTH;
    slopes += WIDTH;
  }
}

/**
 * Loss, derivative and second derivative in z of every row. Arrays are padded to two vectors; what is written there is
 * arbitrary.
 *
 * @param labels -1 or +1
 * @param curvatures written unless its address is 0
 */
export function logisticRows(n: i32, z: usize, labels: usize, losses: usize, slopes: usize, curvatures: usize): void {
  for (let i = 0; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i);
    const at = <usize>i << 3;
    negativeAbsolutes(count, z + at, slopes + at);
    expOfNegatives(count, slopes + at, slopes + at);
    logsOfOnePlus(count, slopes + at, losses + at);
    slopesOfDecays(
      count, z + at, labels + at, losses + at, slopes + at, curvatures == 0 ? <usize>0 : curvatures + at,
    );
  }
}

/** Second derivatives alone: e / (1 + e)^2, e = e^-|z|. Arrays are padded to two vectors. */
export function logisticCurvatures(n: i32, z: usize, curvatures: usize): void {
  for (let i = 0; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i);
    negativeAbsolutes(count, z, curvatures);
    expOfNegatives(count, curvatures, curvatures);
    const end = curvatures + (<usize>count << 3);
    while (curvatures < end) {
      const e = loadVector(curvatures);
      const sum = add(splat(1), e);
      storeVector(curvatures, div(e, mul(sum, sum)));
      curvatures += WIDTH;
      z += WIDTH;
    }
  }
}

/** Numbers that `weightsOfMargins` leaves: the sums of losses and weights, the least margin, how many are above 0. */
export const SUMMARY: i32 = 4;

/** Weights of margins from e = e^-|m|, overwritten. Returns their sum. */
export function weightsOfDecays(n: i32, margins: usize, weights: usize): f64 {
  const end = margins + (<usize>n << 3);
  const whole = margins + (<usize>(n - (n % LANES)) << 3);
  const one = splat(1);
  let sum = zero();
  let rest = 0.0;
  while (margins < end) {
    const e = loadVector(weights);
    const weight = div(selectNonnegative(loadVector(margins), e, one), add(one, e));
    storeVector(weights, weight);
    if (margins < whole) sum = add(sum, weight);
    else rest = load<f64>(weights);
    margins += WIDTH;
    weights += WIDTH;
  }
  return sumLanes(sum) + rest;
}

/** The sum of max(0, -m) + l  over margins m and logarithms l. */
export function sumOfLosses(n: i32, margins: usize, logarithms: usize): f64 {
  const end = margins + (<usize>n << 3);
  const whole = margins + (<usize>(n - (n % LANES)) << 3);
  let sum = zero();
  while (margins < whole) {
    sum = add(sum, add(larger(zero(), sub(zero(), loadVector(margins))), loadVector(logarithms)));
    margins += WIDTH;
    logarithms += WIDTH;
  }
  let total = sumLanes(sum);
  while (margins < end) {
    total += max<f64>(0, -load<f64>(margins)) + load<f64>(logarithms);
    margins += 8;
    logarithms += 8;
  }
  return total;
}

/**
 * The weights 1 / (1 + e^m) of margins m, and their figures. Arrays are padded to two vectors.
 *
 * @param summary SUMMARY numbers
 * @param work 256 numbers
 */
export function weightsOfMargins(n: i32, margins: usize, weights: usize, summary: usize, work: usize): void {
  let losses = 0.0;
  let sum = 0.0;
  let least: f64 = Infinity;
  let positive = 0;
  for (let i = 0; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i);
    negativeAbsolutes(count, margins, weights);
    expOfNegatives(count, weights, weights);
    logsOfOnePlus(count, weights, work);
    losses += sumOfLosses(count, margins, work);
    sum += weightsOfDecays(count, margins, weights);
    const end = margins + (<usize>count << 3);
    for (; margins < end; margins += 8) {
      const margin = load<f64>(margins);
      least = min<f64>(least, margin);
      positive += i32(margin > 0);
    }
    weights += <usize>count << 3;
  }
  store<f64>(summary, losses);
  store<f64>(summary, sum, 8);
  store<f64>(summary, least, 16);
  store<f64>(summary, positive, 24);
}
