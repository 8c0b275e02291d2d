import { checkNonNegative } from "../check/numbers.ts";

/** A convex function psi(x) = sum_j psi_j(x_j), not differentiable, that is added to a smooth objective. */
export interface SeparablePenalty {
  /** Infinity outside its domain. */
  value(x: Float64Array): number;
  /** argmin_y psi_j(y) + (y - x)^2 / (2 step), of one coordinate. */
  proximal(x: number, step: number): number;
}

function checkWeight(weight: number): void {
  checkNonNegative({ weight });
}

/**
 * The lasso penalty  weight ||x||_1; its proximal map is the soft threshold.
 *
 * @throws ArgumentError unless weight is finite and >= 0
 */
export function l1Penalty(weight: number): SeparablePenalty {
  checkWeight(weight);
  return {
    value: (x) => weight * x.reduce((sum, xj) => sum + Math.abs(xj), 0),
    proximal(x, step) {
      const size = Math.abs(x) - step * weight;
      return size > 0 ? Math.sign(x) * size : 0;
    },
  };
}

/**
 * weight sum_j x_j on x >= 0 and infinity elsewhere: the lasso with nonnegative coefficients.
 *
 * @throws ArgumentError unless weight is finite and >= 0
 */
export function nonnegativeL1Penalty(weight = 0): SeparablePenalty {
  checkWeight(weight);
  return {
    value: (x) =>
      x.some((xj) => xj < 0) ? Number.POSITIVE_INFINITY : weight * x.reduce((sum, xj) => sum + xj, 0),
    proximal: (x, step) => Math.max(0, x - step * weight),
  };
}
