import { qrApplyAdjoint, qrFactorize } from "../../linalg/factorize/qr.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { Linearization } from "./residual-objective.ts";

/** A step and the damping that gives it its length. */
export interface DampedStep {
  readonly d: Float64Array<ArrayBuffer>;
  readonly damping: number;
  /** ||D d||. */
  readonly length: number;
}

/** The length of a damped step may differ from the radius by this share. */
const NEAR = 0.1;
/** Dampings tried for one radius; two are enough nearly always. */
const MOST_DAMPINGS = 10;
/** Columns of R shorter than this share of the first, for each row or column, count as dependent. */
const DEPENDENT = Number.EPSILON;

/** The upper triangle of a factorization's packed columns by their number. */
interface Triangle {
  readonly packed: Float64Array;
  readonly rows: number;
}

/** z with  R z = b  in the first `order` rows, zero in the others. */
function solveTriangle(
  { packed, rows }: Triangle,
  order: number,
  b: Float64Array,
): Float64Array<ArrayBuffer> {
  const z = new Float64Array(b.length);
  for (let i = order - 1; i >= 0; i--) {
    let sum = b[i];
    for (let j = i + 1; j < order; j++) sum -= packed[j * rows + i] * z[j];
    z[i] = sum / packed[i * rows + i];
  }
  return z;
}

/** ||R^-T z||  in the first `order` rows. */
function lengthBehind({ packed, rows }: Triangle, order: number, z: Float64Array): number {
  const w = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    let sum = z[i];
    for (let j = 0; j < i; j++) sum -= packed[i * rows + j] * w[j];
    w[i] = sum / packed[i * rows + i];
  }
  return norm2(w);
}

/**
 * The steps of one linearization  u + J d  by their radius:  d = argmin ||J d + u||^2 + damping ||D d||^2,  where damping is
 * 0 when ||D d|| is then at most 1.1 radius, else such that ||D d|| lies within a tenth of radius. J is factorized once, with
 * its columns over D; a damping costs the factorization of a triangle over a diagonal, and about two of Newton's steps find
 * it. Where J is not of full rank, the undamped step is zero in its dependent columns.
 *
 * The function that it returns takes the radius and a damping to begin with.
 * Source: Hebden 1973; More 1978, "The Levenberg-Marquardt algorithm: implementation and theory", section 5.
 *
 * @param scale D, positive
 */
export function dampedSteps(
  { u, J }: Linearization,
  scale: Float64Array,
): (radius: number, damping: number) => DampedStep {
  const [m, n] = [u.length, scale.length];
  const most = Math.min(m, n);
  const even = new Float64Array(J.length);
  for (let k = 0; k < J.length; k += n) for (let j = 0; j < n; j++) even[k + j] = J[k + j] / scale[j];
  const F = qrFactorize(denseMatrix(even, m, n), { pivoting: true });
  const { packed, permutation } = F;
  const right = new Float64Array(Math.max(m, n));
  for (let i = 0; i < m; i++) right[i] = -u[i];
  qrApplyAdjoint(F, right.subarray(0, m));
  right.fill(0, most);
  let rank = 0;
  while (rank < most && Math.abs(packed[rank * m + rank]) > DEPENDENT * Math.max(m, n) * Math.abs(packed[0]))
    rank += 1;

  const undamped = solveTriangle(F, rank, right.subarray(0, n));
  /** ||D^-1 J^T u||. */
  function steepest(): number {
    const slopes = new Float64Array(n);
    for (let j = 0; j < n; j++)
      for (let i = 0; i <= Math.min(j, most - 1); i++) slopes[j] += packed[j * m + i] * right[i];
    return norm2(slopes);
  }

  /** D d in the order of the factorization, and the triangle that gives it. */
  function damped(damping: number): { readonly z: Float64Array<ArrayBuffer>; readonly triangle: Triangle } {
    const stacked = new Float64Array((most + n) * n);
    for (let i = 0; i < most; i++) for (let j = i; j < n; j++) stacked[i * n + j] = packed[j * m + i];
    const root = Math.sqrt(damping);
    for (let j = 0; j < n; j++) stacked[(most + j) * n + j] = root;
    const triangle = qrFactorize(denseMatrix(stacked, most + n, n));
    const b = new Float64Array(most + n);
    b.set(right.subarray(0, most));
    return { z: solveTriangle(triangle, n, qrApplyAdjoint(triangle, b).subarray(0, n)), triangle };
  }
  function step(z: Float64Array, damping: number, length: number): DampedStep {
    const d = new Float64Array(n);
    for (let k = 0; k < n; k++) d[permutation[k]] = z[k] / scale[permutation[k]];
    return { d, damping, length };
  }

  return (radius, first) => {
    let length = norm2(undamped);
    let excess = length - radius;
    if (excess <= NEAR * radius) return step(undamped, 0, length);
    const newton = (triangle: Triangle, z: Float64Array) =>
      excess / radius / (lengthBehind(triangle, n, z) / length) ** 2;
    // the damping lies between these
    let least = rank === n ? newton(F, undamped) : 0;
    const slope = steepest();
    let largest = slope / radius;
    let damping = Math.min(Math.max(first, least), largest) || slope / length;
    for (let k = 1; ; k++) {
      damping ||= Math.max(Number.MIN_VALUE, 1e-3 * largest);
      const { z, triangle } = damped(damping);
      const before = excess;
      length = norm2(z);
      excess = length - radius;
      const enough = Math.abs(excess) <= NEAR * radius || (least === 0 && excess <= before && before < 0);
      if (enough || k === MOST_DAMPINGS) return step(z, damping, length);
      if (excess > 0) least = Math.max(least, damping);
      else largest = Math.min(largest, damping);
      damping = Math.max(least, damping + newton(triangle, z));
    }
  };
}
