// The logistic loss of margins m = y z: ln(1 + e^-m), its weight 1 / (1 + e^m) and its curvature.
import { expOfNegatives, logsOfOnePlus } from "./exponential";
import {
  abs, add, atLeast, atMost, div, firstLane, LANES, lastLane, loadVector, mul, onesAboveZero, selectNonnegative, splat,
  storeVector, sub, sumLanes, WIDTH, zero,
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
    storeVector(losses, add(atLeast(sub(zero(), margin), zero()), loadVector(losses)));
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

/**
 * Weights of whole vectors of margins from e = e^-|m|, which are overwritten, and the figures of the margins, taken into a
 * summary. The logarithms are taken together: ln prod (1 + e_i) = ln(1 + E), where 1 + E grows by a factor 1 + e as
 * E + (e + E e). All terms are positive, so that small E keep their digits.
 */
export function weightsOfDecays(n: i32, margins: usize, weights: usize, summary: usize): void {
  const end = margins + (<usize>n << 3);
  const one = splat(1);
  let product = zero();
  let losses = zero();
  let sum = zero();
  let positive = zero();
  let least = splat(load<f64>(summary, 16));
  for (; margins < end; margins += WIDTH) {
    const margin = loadVector(margins);
    const e = loadVector(weights);
    const weight = div(selectNonnegative(margin, e, one), add(one, e));
    storeVector(weights, weight);
    sum = add(sum, weight);
    losses = add(losses, atLeast(sub(zero(), margin), zero()));
    product = add(product, add(e, mul(product, e)));
    positive = add(positive, onesAboveZero(margin));
    least = atMost(least, margin);
    weights += WIDTH;
  }
  let logarithms = NativeMath.log1p(firstLane(product));
  if (LANES > 1) logarithms += NativeMath.log1p(lastLane(product));
  store<f64>(summary, load<f64>(summary) + (sumLanes(losses) + logarithms));
  store<f64>(summary, load<f64>(summary, 8) + sumLanes(sum), 8);
  store<f64>(summary, min<f64>(firstLane(least), lastLane(least)), 16);
  store<f64>(summary, load<f64>(summary, 24) + sumLanes(positive), 24);
}

/**
 * The weights 1 / (1 + e^m) of margins m, and their figures. Arrays are padded to two vectors.
 *
 * @param weights one number a margin; where they are not kept, workspace of BLOCK numbers
 * @param kept 0 or 1
 * @param summary SUMMARY numbers
 */
export function weightsOfMargins(n: i32, margins: usize, weights: usize, kept: i32, summary: usize): void {
  store<f64>(summary, 0);
  store<f64>(summary, 0, 8);
  store<f64>(summary, Infinity, 16);
  // a margin that fills the last vector up has neither loss nor weight, but counts as above 0
  const filling = n % LANES;
  const end = margins + (<usize>n << 3);
  if (filling != 0) store<f64>(end, Infinity);
  store<f64>(summary, -filling, 24);
  for (let i = 0; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i);
    negativeAbsolutes(count, margins, weights);
    expOfNegatives(count, weights, weights);
    weightsOfDecays(count, margins, weights, summary);
    margins += <usize>count << 3;
    if (kept) weights += <usize>count << 3;
  }
  // vectors pass over NaN, which the losses have, and over the sign of 0
  if (load<f64>(summary, 16) != 0 && !isNaN(load<f64>(summary))) return;
  let least: f64 = Infinity;
  for (let at = end - (<usize>n << 3); at < end; at += 8) least = min<f64>(least, load<f64>(at));
  store<f64>(summary, least, 16);
}
