import { checkedLength, checkVector, copyVectorOut } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { kernels } from "./family.ts";
import { type Unit, unitCode } from "./unit.ts";

/** Arguments of `dualActivation`, one number a pair. */
export interface DualArguments {
  /** Variance of u. */
  readonly k11: Float64Array;
  /** Covariance of u and v. */
  readonly k12: Float64Array;
  /** Variance of v. */
  readonly k22: Float64Array;
  /** Written: E f(u) f(v). */
  readonly covariance: Float64Array;
  /** Written: E f'(u) f'(v). */
  readonly derivative: Float64Array;
}

/** Pairs that stay in cache between the steps. */
const PIECE = 1024;

/**
 * What an activation f makes of jointly Gaussian units, (u, v) ~ N(0, [[k11, k12], [k12, k22]]): with q^2 = k11 k22,
 * cos t = k12 / q and r^2 = (1 + 2 k11) (1 + 2 k22) - 4 k12^2,
 *
 *     relu  E f(u) f(v) = (q sin t + (pi - t) k12) / 2 pi,    E f'(u) f'(v) = (pi - t) / 2 pi
 *     erf   E f(u) f(v) = (2 / pi) arctan(2 k12 / r),         E f'(u) f'(v) = 4 / (pi r).
 *
 * Given r and q sin t = sqrt(k11 k22 - k12^2), with a relative error of 1e-15. NaN stays NaN.
 *
 * Source: Cho & Saul 2009, "Kernel methods for deep learning"; Williams 1997, "Computing with infinite networks".
 *
 * @throws BlasArgumentError when the lengths differ or the activation is unknown
 */
export function dualActivation(unit: Unit, pairs: DualArguments): void {
  const { activation, slope } = unitCode(unit);
  checkOptions(pairs, ["k11", "k12", "k22", "covariance", "derivative"]);
  const { k11, k12, k22, covariance, derivative } = pairs;
  const n = checkedLength("k12", k12);
  for (const [name, values] of Object.entries({ k11, k22, covariance, derivative }))
    checkVector(name, values, n);
  withFrame("the duals of an activation", (frame) => {
    const size = Math.min(PIECE, 4 * Math.ceil(n / 4));
    const [u, inner, v, mean, slopes] = Array.from({ length: 5 }, () => frame.numbers(size));
    const { erfDual, rectifiedDual } = kernels();
    const { numbers } = frame.heap;
    for (let first = 0; first < n; first += PIECE) {
      const count = Math.min(PIECE, n - first);
      const part = (values: Float64Array) => values.subarray(first, first + count);
      numbers.set(part(k11), u / 8);
      numbers.set(part(k12), inner / 8);
      numbers.set(part(k22), v / 8);
      if (activation === 1) erfDual(count, u, 0, v, inner, mean, slopes);
      else rectifiedDual(count, u, 0, v, inner, slope, mean, slopes);
      copyVectorOut(frame, mean, part(covariance));
      copyVectorOut(frame, slopes, part(derivative));
    }
  });
}
