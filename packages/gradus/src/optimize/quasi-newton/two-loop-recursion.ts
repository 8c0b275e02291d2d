import { axpy, dot, norm2 } from "../../linalg/vector.ts";

/** What one step revealed about the Hessian: s = x+ - x, y = g+ - g, rho = 1 / s^T y. */
export interface CorrectionPair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/**
 * -H gradient with the inverse Hessian H of limited-memory BFGS, from s^T y / y^T y times the identity.
 * Source: Nocedal 1980, "Updating quasi-Newton matrices with limited storage".
 *
 * @param pairs the oldest first
 */
export function twoLoopRecursion(
  gradient: Float64Array,
  pairs: readonly CorrectionPair[],
): Float64Array<ArrayBuffer> {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    alphas[i] = pairs[i].rho * dot(pairs[i].s, q);
    axpy(-alphas[i], pairs[i].y, q);
  }
  const last = pairs.at(-1);
  if (last) {
    // the square of y may overflow or underflow; a power of two keeps all digits
    const unit = 2 ** Math.floor(Math.log2(norm2(last.y)));
    const y = last.y.map((yk) => yk / unit);
    const factor = 1 / (last.rho * unit * dot(y, y)) / unit;
    for (let k = 0; k < q.length; k++) q[k] *= factor;
  }
  pairs.forEach(({ s, y, rho }, i) => {
    axpy(alphas[i] - rho * dot(y, q), s, q);
  });
  return q;
}

/** The pairs with one more, at most `memory` of them; one without positive curvature is left out. */
export function withPair(
  pairs: readonly CorrectionPair[],
  { s, y }: Omit<CorrectionPair, "rho">,
  memory: number,
): readonly CorrectionPair[] {
  const curvature = dot(s, y);
  const rho = 1 / curvature;
  // by the angle, so that the units of s and y do not matter
  const curved = curvature > Number.EPSILON * norm2(s) * norm2(y) && rho < Number.POSITIVE_INFINITY;
  return curved ? [...pairs, { s, y, rho }].slice(-memory) : pairs;
}
