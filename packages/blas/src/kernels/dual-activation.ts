import { checkedLength, checkVector, copyVectorOut } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { powerOfTwo } from "../power-of-two.ts";
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

/** Between this and its reciprocal, k11 k22 neither overflows nor loses digits. */
const SAFE_PRODUCT = 1e-280;

/** A pair that a rectifier gets in units of its own, of which both duals are known: powers of two for u and for v. */
interface FarPair {
  readonly at: number;
  readonly unitU: number;
  readonly unitV: number;
}

/** The first place from one on where the product of variances is not of such a size, or the end. */
function nextFar(k11: Float64Array, k22: Float64Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const product = k11[at] * k22[at];
    if (!(product > SAFE_PRODUCT && product < 1 / SAFE_PRODUCT)) return at;
  }
  return end;
}

function farPairs(k11: Float64Array, k22: Float64Array): readonly FarPair[] {
  const found: FarPair[] = [];
  const end = k11.length;
  for (let at = nextFar(k11, k22, 0, end); at < end; at = nextFar(k11, k22, at + 1, end)) {
    if (!(Math.min(k11[at], k22[at]) > 0 && Math.max(k11[at], k22[at]) < Number.POSITIVE_INFINITY)) continue;
    const [unitU, unitV] = [powerOfTwo(Math.sqrt(k11[at])), powerOfTwo(Math.sqrt(k22[at]))];
    found.push({ at, unitU, unitV });
  }
  return found;
}

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
      const far = activation === 0 ? farPairs(part(k11), part(k22)) : [];
      for (const { at, unitU, unitV } of far) {
        numbers[u / 8 + at] /= unitU * unitU;
        numbers[v / 8 + at] /= unitV * unitV;
        numbers[inner / 8 + at] = numbers[inner / 8 + at] / unitU / unitV;
      }
      if (activation === 1) erfDual(count, u, 0, v, inner, mean, slopes);
      else rectifiedDual(count, u, 0, v, inner, slope, mean, slopes);
      copyVectorOut(frame, mean, part(covariance));
      copyVectorOut(frame, slopes, part(derivative));
      for (const { at, unitU, unitV } of far) covariance[first + at] = covariance[first + at] * unitU * unitV;
    }
  });
}
