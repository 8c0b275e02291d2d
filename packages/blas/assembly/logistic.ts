// The logistic loss of margins m = y z: ln(1 + e^-m), its weight 1 / (1 + e^m) and its curvature.
import { expOfNegatives, logsOfOnePlus } from "./exponential";
import { abs, add, div, larger, loadVector, mul, selectNonnegative, splat, storeVector, sub, WIDTH, zero } from "./simd";

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
